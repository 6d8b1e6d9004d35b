from people import *
def test_company(company, mailbox):
    import cProfile, pstats, time
    n=opened()
    pr=cProfile.Profile(); t=time.time(); pr.enable()
    assert play(n)=="credited"
    pr.disable(); print(time.time()-t)
    pstats.Stats(pr).sort_stats("cumtime").print_stats(45)
    t=time.time(); run(n); print("replay", time.time()-t)
    assert 0

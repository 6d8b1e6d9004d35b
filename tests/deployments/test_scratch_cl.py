import json, io, sys
from datetime import timedelta
from people import *
from deployments.cli import run as call
from tasks.settings import settings
from tasks import database
import pytest

def test_probe(company, monkeypatch, tmp_path, capfd):
    monkeypatch.setenv("AFTERSALES_LANGUAGE","en"); settings.cache_clear()
    f = tmp_path/"r.json"
    def c(*a):
        code = call(list(a))
        o = capfd.readouterr()
        with capfd.disabled():
            print("$", a, code); print("  OUT", o.out[:600]); print("  ERR", o.err[:600])
        return o
    f.write_text(json.dumps(report()))
    c("--json","start","BQ",str(f))
    number="BQ-2026-0001"
    play(number, until="site-finding")
    c("case",number)
    c("clock","set","9999-12-31T23:59:59-12:00","--json")
    c("clock","set","0001-01-01T00:00:00+14:00","--json")
    c("clock","forward","999999999d","--json")
    c("clock","forward","99999999999d","--json")
    c("clock","forward","-5d","--json")
    c("clock","--json")
    c("clock","bogus","--json")
    c("sweep","--as-of","9999-12-31T23:59:59-12:00","--json")
    c("sweep","--as-of","0001-01-01T00:00:00+14:00","--json")
    c("sweep","--as-of","2026-01-01T00:00:00","--json")
    c("case","\udcff","--json")
    c("inbox","--as","\udcff","--json")
    c("decide","\udcff",str(f),"--as","li.na","--json")
    c("start","\udcff",str(f),"--json")
    c("start","BQ","\udcff","--json")
    c("start","BQ","a\x00b","--json")
    c("import","a\x00b","--json")
    c("import","--template",str(tmp_path/"no"/"x.xlsx"),"--json")
    c("import","--template",str(tmp_path),"--json")
    c("import","--json")
    c("import",str(tmp_path/"nix"),"--json")
    c("--json"); c(); c("--help","--json"); c("nonsense","--json"); c("cases","--nonsense","--json"); c("cases","x","--json")
    c("case","--json"); c("case",number,"--wait","-1","--json"); c("case",number,"--wait","abc","--json")
    c("inbox","--json"); c("start","BQ",str(tmp_path),"--json")
    c("withdraw",number,"--as","li.na","--reason"," ","--json")
    c("reassign",number+":site-finding:1","--as","sun.wei","--reason","x","--to","","--json")
    c("reassign",number+":site-finding:1","--as","sun.wei","--reason","x","--to","tom.baker","--json")
    c("withdraw",number,"--as","li.na","--reason","x\ty\u2028","--json")
    c("cases","--procedure","XX","--json")
    c("cases","--data")
    c("--data","--json","cases")
    monkeypatch.setenv("AFTERSALES_LANGUAGE","fr"); settings.cache_clear()
    c("cases","--json")
    monkeypatch.setenv("AFTERSALES_LANGUAGE","zh_CN"); settings.cache_clear()
    c("nonsense","--json"); c("inbox","--json"); c("case","x","--json"); c("case","x");c("inbox","--as","li.na")
    import os
    old=os.environ["AFTERSALES_DATABASE_URL"]
    for url in ("postgresql://nobody@127.0.0.1:1/x","nonsense", "", old.rsplit("/",1)[0]+"/nix", old.rsplit("/",1)[0]+"/postgres"):
        monkeypatch.setenv("AFTERSALES_DATABASE_URL",url); settings.cache_clear(); database.engine.cache_clear()
        for cmd in (["cases"],["sweep"],["verify"],["procedures"],["clock"],["start","BQ",str(f)]):
            c(*cmd,"--json")

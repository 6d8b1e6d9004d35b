"""Monthly information feedback (信息反馈). Manual 000 三 经理 F, 三 内勤 C, D and E, 一.3, 五 信息反馈流程.

`register` how it begins, `reports` what stations and offices report, `lists` what clerk and manager see, `form`
the form as facts, `tables` its tables, `sheet` and `workbook` the form in Excel, `mail` by mail and as a page,
`issuing` how it goes out, `answers` what departments say, `proposals` disputes that it proposes, `proof` what must
agree in the end.
"""

from models.information_feedback import MonthToReport, Outcome
from models.language import N_
from tasks.information_feedback.proof import prove
from tasks.information_feedback.register import CODE, begin, check, falls_due
from tasks.opening import Procedure

INFORMATION_FEEDBACK = Procedure(
    code=CODE,
    title=N_("Monthly information feedback"),
    manual="000 五 信息反馈流程, 三 经理 F, 三 内勤 C, D and E",
    deployment="information-feedback/信息反馈",
    form=MonthToReport,
    outcomes=Outcome,
    check=check,
    begin=begin,
    prove=prove,
    section="feedback",
    falls_due=falls_due,
)

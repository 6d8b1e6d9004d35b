"""Words with two faces: a code that is stored, and a label that people read in their language."""

from enum import StrEnum
from typing import Any, Self

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

from models.language import _


class Labelled(StrEnum):
    """An enum whose members carry a label: `GOOD = "good", N_("good")`."""

    label_text: str

    def __new__(cls, code: str, label: str = "") -> Self:
        """A member from its code and label, as the enum's body has them."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label_text = label or code
        return member

    @property
    def label(self) -> str:
        """The label in the language in force."""
        return _(self.label_text)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core_schema))
        schema.pop("description", None)
        schema["labels"] = [member.label for member in cls]
        return schema

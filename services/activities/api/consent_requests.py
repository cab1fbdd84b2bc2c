"""Bodies of requests about being called."""

from typing import Self

from pydantic import Field, model_validator

from services.activities.api.requests import Body
from shared.clock import Moment
from shared.contacts import Phone
from shared.rules import rule_broken
from shared.text import Line, Text
from shared.vocabulary import ConsentKind


class NewConsent(Body):
    """What somebody says about being called; a consent needs its text."""

    kind: ConsentKind = Field(description="What is said.", examples=["do_not_call"])
    phone: Phone | None = Field(
        None,
        description="The phone that it is about, the client's; null: the client as a person.",
        examples=["+74951234567"],
    )
    source: Line = Field(
        description="Where it was said: a call, a letter, a form.", examples=["Звонок 12 ноября"]
    )
    text: Text | None = Field(
        None,
        description="The words, or the text that was agreed to; a consent that is given needs it.",
        examples=["Попросил больше не звонить"],
    )
    person: Line | None = Field(None, description="Who said it.", examples=["Анна Петрова"])
    at: Moment | None = Field(None, description="When it was said; now unless given.")

    @model_validator(mode="after")
    def _consent_with_its_text(self) -> Self:
        if self.kind == "given" and not self.text:
            raise rule_broken("required_with", field="text", other="given")
        return self


class NewConsentOfPhone(NewConsent):
    """What somebody says of a phone, whoever has it."""

    phone: Phone = Field(description="The phone.", examples=["+74951234567"])

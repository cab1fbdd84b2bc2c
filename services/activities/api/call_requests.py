"""Bodies of reports of calls, and of what telephony is set up with."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.activities.api.requests import Body
from services.activities.telephony.report import LONGEST_ID
from shared.clock import Moment
from shared.text import Line, Storable
from shared.vocabulary import CallDirection

CallState = Literal["ringing", "connected", "answered", "missed", "ended"]
_CallId = Annotated[
    Storable,
    Field(
        min_length=1,
        max_length=LONGEST_ID,
        description="The sender's own id of the call: one call, however many reports of it.",
        examples=["1795000000.42"],
    ),
]
_State = Annotated[
    CallState | None,
    Field(
        description="`ringing`, `connected` while they talk, `ended`; or how it ended: `answered`,"
        " `missed`. May lack where `recording_url` or `duration` come later."
    ),
]
_Number = Annotated[
    Annotated[Storable, Field(max_length=100)] | None, Field(examples=["79161234567"])
]
_Link = Annotated[Storable, Field(max_length=2000)] | None
_Seconds = Annotated[
    int | None,
    Field(ge=0, le=86_400, strict=True, description="How long they talked.", examples=[35]),
]
_Moment = Annotated[Moment | None, Field(examples=["2026-11-30T10:00:00Z"])]


class NewCallReport(Body):
    """A report of a call. Without a `direction` the numbers tell it: an extension is one of us."""

    call_id: _CallId
    state: _State = None
    direction: CallDirection | None = Field(None, description="Who called whom.")
    from_number: _Number = Field(None, alias="from", description="Who calls.")
    to_number: _Number = Field(None, alias="to", description="Who is called.")
    client_number: _Number = Field(
        None, description="The client's number, instead of `from` or `to`."
    )
    our_number: _Number = Field(
        None, description="The number of ours that was called or shown: its source, room, company."
    )
    extension: _Number = Field(
        None, description="The extension of who talked for us.", examples=["101"]
    )
    duration: _Seconds = None
    started_at: _Moment = Field(None, description="When it began to ring.")
    answered_at: _Moment = Field(None, description="When somebody took it.")
    ended_at: _Moment = Field(None, description="When it was over.")
    recording_url: _Link = Field(
        None, description="An https link to the recording; another is left out."
    )


class CallParameters(BaseModel):
    """A report of a call as parameters of a query, of which switchboards can make only text."""

    model_config = ConfigDict(extra="ignore")

    call_id: _CallId
    state: _Number = Field(
        None, description="As in a body; Asterisk's `DIALSTATUS` too.", examples=["ANSWER"]
    )
    direction: _Number = Field(None, description="Who called whom.", examples=["incoming"])
    from_number: _Number = Field(None, alias="from", description="Who calls.")
    to_number: _Number = Field(None, alias="to", description="Who is called.")
    client_number: _Number = Field(None, description="The client's number.")
    our_number: _Number = Field(None, description="The number of ours.")
    extension: _Number = Field(None, description="Who talked for us.", examples=["101"])
    duration: _Number = Field(None, description="Seconds of talk.", examples=["35"])
    started_at: _Number = Field(None, description="When it began.", examples=["1795000000"])
    answered_at: _Number = Field(None, description="When it was taken.", examples=["1795000009"])
    ended_at: _Number = Field(None, description="When it was over.", examples=["1795000044"])
    recording_url: _Link = Field(
        None, description="An https link to the recording.", examples=["https://pbx.example.com/1"]
    )


Extension = Annotated[Line, Field(max_length=100, examples=["101"])]


class EmployeeExtensions(Body):
    """All places where somebody is rung: extensions, ids at the provider, own phones."""

    extensions: Annotated[
        list[Extension],
        Field(max_length=20, description="Replaces those before.", examples=[["101"]]),
    ]


class NewTelephonyAccount(Body):
    """An account at Mango Office, as its cabinet shows it."""

    name: Annotated[Line, Field(description="What you call it.", examples=["Офис на Невском"])]
    api_key: Annotated[
        Storable,
        Field(min_length=1, max_length=200, description="«Уникальный код вашей АТС»."),
    ]
    salt: Annotated[
        Storable,
        Field(min_length=1, max_length=200, description="«Ключ для создания подписи»."),
    ]

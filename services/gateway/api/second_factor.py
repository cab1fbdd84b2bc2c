"""The second factor: asked for after a password, enrolled and removed by its owner, reset by an
admin, demanded by the tenant.
"""

from uuid import UUID

from fastapi import APIRouter, Response

from services.gateway.accounts.second_factor import Enrolment
from services.gateway.api.dependencies import Admin, AnyCaller, ApiParts, From, Parts
from services.gateway.api.requests import (
    ChallengeAnswer,
    ChallengeToken,
    OwnPassword,
    SecondFactorCode,
    SecuritySettings,
)
from services.gateway.api.responses import (
    EnrolledSessionView,
    EnrolmentView,
    RecoveryCodesView,
    SecondFactorView,
    SecuritySettingsView,
    SessionView,
    session_fields,
)
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.upstream import UpstreamResponse
from shared.errors import NotFound
from shared.ids import EmployeeId
from shared.web.responses import tagged

router = APIRouter(tags=["accounts"])


@router.post("/auth/second-factor")
async def answer_challenge(answer: ChallengeAnswer, origin: From, parts: Parts) -> SessionView:
    """Log in with the challenge of `POST /auth/token` and a code, or a recovery code.

    401 for a wrong code or one that was used; 429 `rate_limited` after five of them.
    """
    session = await parts.second_factors.log_in(answer.challenge, answer.code, origin)
    return SessionView(**session_fields(session))


@router.post("/auth/second-factor/enrolment")
async def enrol_by_challenge(answer: ChallengeToken, parts: Parts) -> EnrolmentView:
    """The secret for an authenticator, where the tenant asks for a factor and there is none."""
    return _view(await parts.second_factors.enrol_by_challenge(answer.challenge))


@router.post("/auth/second-factor/confirmation")
async def confirm_by_challenge(
    answer: ChallengeAnswer, origin: From, parts: Parts
) -> EnrolledSessionView:
    """Confirm the new factor by its first code: the session, and recovery codes shown this once."""
    session, codes = await parts.second_factors.confirm_by_challenge(
        answer.challenge, answer.code, origin
    )
    return EnrolledSessionView(**session_fields(session), recovery_codes=codes)


@router.get("/me/second-factor")
async def get_own_second_factor(caller: AnyCaller, parts: Parts) -> SecondFactorView:
    """Whether I have a second factor, and whether I need one."""
    return SecondFactorView(**await parts.second_factors.state(caller))


@router.post("/me/second-factor")
async def enrol_second_factor(
    caller: AnyCaller, password: OwnPassword, origin: From, parts: Parts
) -> EnrolmentView:
    """The secret for my authenticator, against my password; it counts once it is confirmed."""
    await parts.log_in.require_password(caller, password.password, origin)
    return _view(await parts.second_factors.enrol(caller))


@router.post("/me/second-factor/confirmation")
async def confirm_second_factor(
    caller: AnyCaller, code: SecondFactorCode, origin: From, parts: Parts
) -> RecoveryCodesView:
    """Confirm my factor by its first code; the recovery codes are shown this once."""
    codes = await parts.second_factors.confirm(caller, code.code, origin)
    return RecoveryCodesView(recovery_codes=codes)


@router.post("/me/second-factor/removal", status_code=204)
async def remove_second_factor(
    caller: AnyCaller, code: SecondFactorCode, origin: From, parts: Parts
) -> Response:
    """Take my factor away, against one of its codes; 403 where the tenant asks for one."""
    await parts.second_factors.remove(caller, code.code, origin)
    return Response(status_code=204)


# Described here; the fast path answers first, for the noun is the directory's.
@router.delete("/employees/{employee_id}/second-factor", status_code=204)
async def reset_second_factor(caller: Admin, employee_id: UUID, parts: Parts) -> Response:
    """Take away the factor of a colleague who has lost it; the audit names who did."""
    await parts.second_factors.reset(caller, EmployeeId(employee_id))
    return Response(status_code=204)


async def reset_by_request(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """The same, for callers of `PublicApi`."""
    request.caller.require("admin")
    try:
        employee_id = EmployeeId(UUID(request.ids["employee_id"]))
    except ValueError:
        raise NotFound("employee") from None
    await parts.second_factors.reset(request.caller, employee_id)
    return UpstreamResponse(204, [], b"")


@router.get("/security")
async def get_security_settings(
    caller: Admin, parts: Parts, response: Response
) -> SecuritySettingsView:
    """How people of the tenant must log in."""
    policy = await parts.second_factors.policy(caller)
    return tagged(response, SecuritySettingsView(**policy._asdict()))


@router.put("/security")
async def set_security_settings(
    caller: Admin, settings: SecuritySettings, parts: Parts, response: Response
) -> SecuritySettingsView:
    """Choose who needs a second factor, from their next log-in on."""
    policy = await parts.second_factors.set_policy(caller, settings.second_factor)
    return tagged(response, SecuritySettingsView(**policy._asdict()))


def _view(enrolment: Enrolment) -> EnrolmentView:
    return EnrolmentView(secret=enrolment.secret, otpauth_uri=enrolment.otpauth_uri)

"""HTTP in: parse, one use case, render. The routes are the public contract."""

from fastapi import APIRouter

from services.motivation.api import pay, plans

router = APIRouter(prefix="/api/v1/motivation", tags=["motivation"])
router.include_router(plans.router)
router.include_router(pay.router)

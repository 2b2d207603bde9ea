"""The engine of this process."""
from functools import lru_cache

import holdfast
from django.conf import settings


@lru_cache(maxsize=None)
def hf() -> holdfast.sync.Engine:
    """Opens the store when it is first used, in the process that uses it; it closes at exit."""
    engine = holdfast.sync.open(settings.HOLDFAST_STORE)
    engine.units.put(settings.SHOP_CURRENCY, scale=2)
    return engine

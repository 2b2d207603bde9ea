"""The engine of this process."""
from threading import Lock
from typing import List

import holdfast
from django.conf import settings

_lock = Lock()
_engines: List[holdfast.sync.Engine] = []


def hf() -> holdfast.sync.Engine:
    """Opens the store when it is first used, in the process that uses it; it closes at exit."""
    with _lock:
        if not _engines:
            engine = holdfast.sync.open(settings.HOLDFAST_STORE)
            engine.units.put(settings.SHOP_CURRENCY, scale=2)
            _engines.append(engine)
        return _engines[0]

"""The entry point of every function: `lambdas.start.FOLDER` is the handler of `lambdas/FOLDER/handler.py`.

It starts a function without the garbage collector. What imports and composition make is needed until the end, so
collecting finds nothing, and takes a quarter of the start.
"""

import gc
import importlib
from typing import Any

FUNCTIONS = ("comparer", "deployer", "janitor", "prober", "publisher")


def __getattr__(name: str) -> Any:
    if name not in FUNCTIONS:
        raise AttributeError(name)
    gc.disable()
    try:
        function = importlib.import_module(f"lambdas.{name}.handler")
        function.composed()
    finally:
        gc.freeze()
        gc.enable()
    return function.handler

"""AWS as a pure model, in memory: one account in one Region, on a clock that is given from outside.

The sandbox serves it over HTTP, and the simulation calls it and injects faults in front of it. It knows nothing of the
product, of moto, HTTP, threads or real time, and nothing in it is random.
"""

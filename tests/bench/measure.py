"""One run: all systems started, every workload on every system, interleaved."""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.processes import Brood, cpu_s
from bench.profiling import sampler
from bench.results import Measurement
from bench.systems.base import CannotStart, System
from bench.systems.catalogue import SYSTEMS
from bench.workloads.base import Effort, Workload

#: Of one measurement: what takes longer hangs.
_TIMEOUT_S = 90.0


@dataclass(frozen=True)
class Plan:
    """What to measure, in the order of the table.

    Attributes
    ----------
    stacks : Path or None
        Directory for what is sampled of the processes meanwhile; None samples nothing.
    """

    systems: list[str]
    workloads: list[Workload]
    repeats: int
    effort: Effort
    stacks: Path | None = None

    @property
    def shared_systems(self) -> list[str]:
        """The systems that are started once for all workloads but those that want them alone."""
        wanted = {name for one in self.workloads if not one.alone for name in one.systems}
        return [name for name in self.systems if name in wanted]

    def turns(self, workload: Workload, repeat: int) -> list[str]:
        """Return the systems of a workload in the order of a repeat.

        Rotated, so that no system always comes after the same one.
        """
        names = [name for name in self.systems if name in workload.systems]
        first = repeat % len(names) if names else 0
        return names[first:] + names[:first]


@dataclass
class _Starter:
    """Starts systems, each in a directory of its own."""

    session: aiohttp.ClientSession
    directory: Path
    brood: Brood
    started: int = field(default=0, init=False)

    @asynccontextmanager
    async def running(self, name: str) -> AsyncIterator[System]:
        """Have a system run."""
        self.started += 1
        directory = self.directory / f"{self.started}-{name}"
        directory.mkdir()
        system = SYSTEMS[name](self.session, directory)
        try:
            try:
                await system.start()
            except Exception as error:
                raise CannotStart(f"{name} did not start: {error}") from error
            self.brood.adopt(system.pids)
            yield system
        finally:
            await system.stop()


async def measure(plan: Plan) -> list[Measurement]:
    """Return the figures of every repeat.

    Raises
    ------
    CannotStart
        Before anything is measured.
    CannotSample
        If the plan wants stacks.
    """
    if plan.stacks is not None:
        sampler.check()
    for name in plan.systems:
        SYSTEMS[name].check()
    brood = Brood()
    try:
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(aiohttp.ClientSession())
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            starter = _Starter(session, directory, brood)
            systems = {}
            for name in plan.shared_systems:
                _say(f"starting {name}")
                systems[name] = await stack.enter_async_context(starter.running(name))
            return [
                await _measure_one(repeat, workload, name, plan, systems.get(name), starter)
                for repeat in range(plan.repeats)
                for workload in plan.workloads
                for name in plan.turns(workload, repeat)
            ]
    finally:
        brood.end()


async def _measure_one(
    repeat: int,
    workload: Workload,
    name: str,
    plan: Plan,
    shared: System | None,
    starter: _Starter,
) -> Measurement:
    _say(f"{repeat + 1}/{plan.repeats} {workload.name} {name}")
    measurement = Measurement(repeat, workload.name, name)
    try:
        async with asyncio.timeout(_TIMEOUT_S), AsyncExitStack() as stack:
            if workload.alone or shared is None:
                system = await stack.enter_async_context(starter.running(name))
            else:
                system = shared
            # What the last one left is not collected while this one is timed.
            gc.collect()
            sampling = nullcontext({})
            if plan.stacks is not None:
                stacks = f"{workload.name}-{name}-{repeat + 1}"
                sampling = sampler.sampled(system.pids, plan.stacks, stacks)
            async with sampling as measurement.divisions:
                before, begin_s = _cpu_s(system), time.perf_counter()
                measurement.figures = await workload.measure(system, plan.effort)
                took_s = time.perf_counter() - begin_s
                measurement.cores = {
                    role: (total_s - before.get(role, 0.0)) / took_s
                    for role, total_s in _cpu_s(system).items()
                }
    except sampler.CannotSample:
        raise
    except TimeoutError:
        measurement.failure = f"took longer than {_TIMEOUT_S:g} s"
    except Exception as error:  # the others are measured all the same
        measurement.failure = f"{type(error).__name__}: {error}"
    if measurement.failure:
        _say(f"failed: {measurement.failure}")
    return measurement


def _cpu_s(system: System) -> dict[str, float]:
    return {"client": time.process_time(), **cpu_s(system.pids)}


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)

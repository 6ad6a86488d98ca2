# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs side by side, as many as there are processors for."""

import threading


class Pool:
    """Jobs, each of which keeps some of the processors busy."""

    def __init__(self, processors):
        self.processors = processors
        self.free = processors
        self.condition = threading.Condition()
        self.waiting = []
        self.errors = []

    def submit(self, weight, function):
        """A job for run(): function, which wants that many processors, or all."""
        self.waiting.append((min(weight, self.processors), function))

    def run(self):
        """Calls each function in a thread of its own; raises what one has raised.

        Of the jobs that there are processors for the first one begins, so that a
        processor does not wait for a job that wants more.  After an exception no job
        begins, and those that run are left alone.
        """
        with self.condition:
            while not self.errors and (self.waiting or self.free < self.processors):
                job = self._next()
                if job is None:
                    self.condition.wait()
                    continue
                self.free -= job[0]
                threading.Thread(target=self._work, args=job, daemon=True).start()
        if self.errors:
            raise self.errors[0]

    def _next(self):
        for i, (weight, _) in enumerate(self.waiting):
            if weight <= self.free:
                return self.waiting.pop(i)
        return None

    def _work(self, weight, function):
        error = None
        try:
            function()
        except Exception as caught:
            error = caught
        with self.condition:
            self.free += weight
            if error is not None:
                self.errors.append(error)
            self.condition.notify_all()

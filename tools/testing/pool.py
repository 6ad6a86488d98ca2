# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs side by side, as many as there are processors for."""

import threading


class Pool:
    """Jobs, of which so many run at the same time."""

    def __init__(self, places):
        self.places = places
        self.running = 0
        self.condition = threading.Condition()
        self.waiting = []
        self.errors = []

    def submit(self, seconds, function):
        """A job for run(): function, which takes about so long, or so long at most."""
        self.waiting.append((seconds, function))

    def run(self):
        """Calls each function in a thread of its own; raises what one has raised.

        Those that take longest begin first, so that at the end no processor waits while
        another one has much to do.  After an exception no job begins, and those that run
        are left alone.
        """
        self.waiting.sort(key=lambda job: job[0], reverse=True)
        with self.condition:
            while not self.errors and (self.waiting or self.running):
                if not self.waiting or self.running == self.places:
                    self.condition.wait()
                    continue
                self.running += 1
                _, function = self.waiting.pop(0)
                threading.Thread(target=self._work, args=(function,), daemon=True).start()
        if self.errors:
            raise self.errors[0]

    def _work(self, function):
        error = None
        try:
            function()
        except Exception as caught:
            error = caught
        with self.condition:
            self.running -= 1
            if error is not None:
                self.errors.append(error)
            self.condition.notify_all()

"""A network between two processes that can be cut, slowed, and made to lose answers."""
import asyncio
import threading

from shop import free_port


class Proxy:
    """Passes connections on to an address. `how` is one of:

    pass    as it is
    cut     connections are closed, and new ones are closed at once
    stall   what is sent arrives nowhere, and nothing comes back
    deaf    what is sent arrives, and nothing comes back
    slow    everything arrives `delay` seconds later
    """

    def __init__(self, to):
        self.host, self.port = to.rsplit(":", 1)
        self.at = f"127.0.0.1:{free_port()}"
        self.how, self.delay = "pass", 0.0
        self.passed = self.dropped = 0
        self.writers = set()
        self.listener = None
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        self.thread = threading.Thread(target=self.serve, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait()

    def serve(self, ready):
        asyncio.set_event_loop(self.loop)
        host, port = self.at.rsplit(":", 1)
        self.listener = self.loop.run_until_complete(
            asyncio.start_server(self.accept, host, int(port)))
        self.loop.call_soon(ready.set)
        self.loop.run_forever()

    def set(self, how, delay=0.0):
        """Changes what happens from now on; a cut also ends the connections that are open."""
        self.how, self.delay = how, delay
        if how == "cut":
            asyncio.run_coroutine_threadsafe(self.close_all(), self.loop).result()

    async def close_all(self):
        for writer in list(self.writers):
            writer.close()

    async def accept(self, reader, writer):
        if self.how == "cut":
            self.dropped += 1
            writer.close()
            return
        try:
            there = await asyncio.open_connection(self.host, int(self.port))
        except OSError:
            writer.close()
            return
        self.writers |= {writer, there[1]}
        await asyncio.gather(self.pump(reader, there[1], ("stall",)),
                             self.pump(there[0], writer, ("stall", "deaf")))

    async def pump(self, reader, writer, losing):
        """Passes bytes on until one side ends."""
        try:
            while data := await reader.read(65536):
                if self.how == "slow":
                    await asyncio.sleep(self.delay)  # it is what the network does
                if self.how in losing:
                    self.dropped += 1
                    continue
                self.passed += 1
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        self.writers.discard(writer)
        writer.close()

    async def end(self):
        """Takes no connection any more, and waits for the end of those that are open."""
        self.listener.close()
        await self.close_all()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*tasks, return_exceptions=True)

    def close(self):
        asyncio.run_coroutine_threadsafe(self.end(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

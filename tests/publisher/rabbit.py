"""A RabbitMQ of its own: folder, ports, node name and port mapper; ended by its process group."""
import os
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))

from harness import Skip, free_ports  # noqa: E402  pylint: disable=C0413

HOME = "/usr/lib/rabbitmq/bin"


def listens(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", int(port))) == 0


class Rabbit:
    """The broker, whose folder is kept from one start to the next."""

    def __init__(self, folder):
        if not os.path.exists(os.path.join(HOME, "rabbitmq-server")):
            raise Skip("package rabbitmq-server is not installed")
        self.folder = os.path.abspath(folder)
        os.makedirs(self.folder)
        self.port, mapper, distribution = free_ports(3)
        with open(self.path("plugins"), "w", encoding="ascii") as plugins:
            plugins.write("[].\n")
        self.environment = dict(
            os.environ, HOME=self.folder, RABBITMQ_NODENAME=f"holdfast{self.port}@localhost",
            RABBITMQ_MNESIA_BASE=self.path("mnesia"), RABBITMQ_LOG_BASE=self.path("log"),
            RABBITMQ_PID_FILE=self.path("pid"), RABBITMQ_CONFIG_FILE=self.path("none"),
            RABBITMQ_ENABLED_PLUGINS_FILE=self.path("plugins"),
            RABBITMQ_NODE_IP_ADDRESS="127.0.0.1", RABBITMQ_NODE_PORT=str(self.port),
            RABBITMQ_DIST_PORT=str(distribution), ERL_EPMD_PORT=str(mapper),
            ERL_EPMD_ADDRESS="127.0.0.1",
            RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}")
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/%2f"
        self.process = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        with open(self.path("out"), "ab") as out:
            self.process = subprocess.Popen([os.path.join(HOME, "rabbitmq-server")],
                                            env=self.environment, start_new_session=True,
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        subprocess.run([os.path.join(HOME, "rabbitmqctl"), "wait", "--pid", str(self.process.pid),
                        "--timeout", "300"],
                       env=self.environment, capture_output=True, timeout=600, check=True)

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
        mapper = self.environment["ERL_EPMD_PORT"]
        while listens(mapper):  # it stays as long as it has not noticed that the broker is gone
            subprocess.run(["epmd", "-port", mapper, "-kill"], env=self.environment,
                           capture_output=True, timeout=600, check=False)
            time.sleep(0.1)

"""What protects the server's own machine, files and readers from those who may reach it."""
import json
import resource
import signal
import socket

from shop import Server, equal, order, read_all, run


def raw(server, *lines):
    """The first status of what is answered to a head."""
    answer = server.raw("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")
    return int(answer.split(b" ")[1]) if answer else 0


def reload(server):
    server.signal(signal.SIGHUP)
    while json.loads(server.process.stdout.readline()).get("text") != "read anew":
        pass


def only_its_own_machine_is_served_without_tokens():
    """Without tokens a page of another site cannot ask in the name of its reader."""
    with Server() as s:
        for name in (f"127.0.0.1:{s.port}", f"localhost:{s.port}", "LocalHost", "[::1]:80"):
            equal(s.get("/v1/orders", Host=name).status, 200, name)
        for name in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "127.x",
                     "[::1].evil.example"):
            equal(s.get("/v1/orders", Host=name).code(), "HOST", name)
        own = f"127.0.0.1:{s.port}"
        equal(s.get("/v1/orders", Host=own, Origin=f"http://{own}").status, 200)
        for origin in ("http://evil.example", "null", "http://127.0.0.1:1", ""):
            equal(s.post("/v1/verify", b"", Host=own, Origin=origin).code(), "HOST", origin)
        equal(s.get("/readyz", Host="evil.example").status, 200)


def headers_are_read_as_everyone_reads_them():
    """A header that another reader takes for another one is refused, and ends the connection."""
    with Server() as s:
        get = "GET /readyz HTTP/1.1"
        host = f"Connection: close\r\nHost: 127.0.0.1:{s.port}"
        equal(raw(s, get, host), 200)
        for line in ("Transfer-Encoding : chunked", "Idempotency-Key : k2", "X(y): 1",
                     "X: a\rTransfer-Encoding: chunked"):
            equal(raw(s, get, host, line), 400, line)
        equal(raw(s, "GET /readyz HTTP/1.0", host, "Transfer-Encoding: chunked"), 400)
        with s.socket() as link:
            link.sendall(f"POST /v1/verify HTTP/1.1\r\n{host}\r\nContent-Length: 4\r\n"
                         "Transfer-Encoding : chunked\r\n\r\n2b\r\n"
                         f"GET /livez HTTP/1.1\r\n{host}\r\n\r\n\r\n0\r\n\r\n".encode())
            link.shutdown(socket.SHUT_WR)
            equal(read_all(link).count(b"HTTP/1.1 "), 1, "answers")


def many_names_get_an_answer():
    """A query of more names than there are is refused with a problem."""
    with Server() as s:
        for name in ("a=1&", "a&", "&"):
            for count in (13, 400, 500, 1000, 1900):  # libmicrohttpd has no memory for as many
                refused = s.get("/v1/orders?" + name * count)
                equal((refused.status, refused.code()), (400, "QUERY"), f"{count} of {name}")
        equal(s.get("/v1/orders?customer=ada&limit=3&state=CLOSED&newest_first=true").status, 200)


def a_number_of_a_query_is_digits():
    """A number of a query is digits behind at most one minus: a plus there is a space."""
    with Server() as s:
        for number in ("+1", "%201", "1%20", "%091", "0x1", "1e1", "1.0", "--1", "-", "",
                       "9223372036854775808", "%d9%a1"):
            refused = s.get(f"/v1/orders?limit={number}")
            equal((refused.status, refused.code()), (400, "QUERY"), number)
        for number in ("1", "01", "256"):
            equal(s.get(f"/v1/orders?limit={number}").status, 200, number)


def a_nul_does_not_cut_a_path():
    """A NUL in a path or a query, as it is or as %00, is refused, and is not the end of a text."""
    with Server() as s:
        s.open_shop()
        host = f"Connection: close\r\nHost: 127.0.0.1:{s.port}"
        for target in ("/livez\0x", "/livez\0", "/livez%00", "/livez%00x", "/v1/items/tea\0x",
                       "/v1/items/tea%00x", "/v1/items/tea%00", "/v1/items/%00", "/%00", "\0/livez",
                       "/livez\0HTTP/1.1", "/v1/items/tea?place\0=x", "/v1/items/tea?place=\0",
                       "/v1/items/tea?place=%00", "/v1/items/tea?\0", "/v1/items/tea?a\0&b",
                       "/v1/items/tea%0", "/v1/items/tea%", "/livez%zz"):
            equal(raw(s, f"GET {target} HTTP/1.1", host), 400, repr(target))
        for target in ("/livez", "/livez?", "/v1/items/tea?place=", "/v1/items/t%65a"):
            equal(raw(s, f"GET {target} HTTP/1.1", host), 200, target)


def a_lower_limit_holds_in_the_middle_of_a_body():
    """A body that is on its way when its limit is lowered is refused."""
    with open("body.conf", "w", encoding="utf-8") as file:
        file.write("body_bytes_max = 200000\n")
    with Server("--config", "body.conf") as s:
        with s.socket() as link:
            link.sendall(f"POST /v1/orders HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\n"
                         "Idempotency-Key: k\r\nContent-Type: application/json\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n".encode())
            part = b"1388\r\n" + b" " * 5000 + b"\r\n"
            link.sendall(part)
            s.get("/livez")
            with open("body.conf", "w", encoding="utf-8") as file:
                file.write("body_bytes_max = 1000\n")
            reload(s)
            answer = b""
            try:
                for _ in range(400):  # two megabytes
                    link.sendall(part)
                link.sendall(b"0\r\n\r\n")
            except OSError:
                pass
            answer = read_all(link)
            equal(answer == b"" or b" 413 " in answer, True, answer[:200])


def a_token_that_is_gone_reads_no_more_events():
    """Streams end when settings are read anew, so that their tokens are looked at again."""
    with Server() as s:
        s.open_shop()
        link = s.connect()
        link.request("GET", "/v1/events/stream")
        answer = link.getresponse()
        equal(answer.status, 200)
        while not answer.readline().startswith(b"id:1-3"):
            pass
        reload(s)
        rest = answer.read()  # to its end
        equal([line for line in rest.split(b"\n") if line.startswith(b"id:")], [])
        link.close()
        s.good("/v1/orders", order())


def connections_leave_files_for_the_store():
    """A low limit of open files is raised as far as it may be, so that the store has its own."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(300, limits[1]), limits[1]))
    try:
        with Server("--client-connections-max", "0", driver="lmdb") as s:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            s.open_shop()
            open_files = f"/proc/{s.process.pid}/limits"
            with open(open_files, encoding="ascii") as file:
                line = next(line for line in file if line.startswith("Max open files"))
            equal(int(line.split()[3]) >= min(1024 + 128, limits[1]), True, line)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


run([only_its_own_machine_is_served_without_tokens, headers_are_read_as_everyone_reads_them,
     many_names_get_an_answer, a_number_of_a_query_is_digits, a_nul_does_not_cut_a_path,
     a_lower_limit_holds_in_the_middle_of_a_body,
     a_token_that_is_gone_reads_no_more_events, connections_leave_files_for_the_store])

"""Orders over services while instances are killed and the network between them fails."""
from proxy import Proxy
from services import Load, Services, equal, new_key
from shop import checkout, run

FLAGS = ("--health-ms", "100", "--call-ms", "1000", "--txn-ms", "10000")


def settle_unknown(services, load):
    """Every request without an answer is sent again under its key, and has one outcome then."""
    done = list(load.acknowledged)
    for at, key, _ in load.unknown:
        answer = at.post("/v1/orders", checkout(), key)
        while answer.status in (500, 503):
            answer = at.post("/v1/orders", checkout(), key)
        if answer.status == 201:
            done.append(key)
        else:
            equal((answer.status, answer.code()), (409, "TXN_ABORTED"), answer.body)
    return done


def nothing_is_lost(services, load):
    """Every acknowledged order is whole in all services, and none is there twice."""
    services.settle()
    services.is_whole(load.acknowledged)
    done = settle_unknown(services, load)
    equal(len(done), len(set(done)), "keys")
    equal(services.is_whole(done), len(done), "orders")
    equal(load.refused, [], "refused")


def rows_are_purged(services):
    """When all has ended, retention leaves no transaction and no row of a branch anywhere."""
    late = new_key()  # its time is later than that of everything that has ended
    before = int(late.replace("-", "")[:12], 16)
    for s in services.all():
        while s.good("/v1/retention", {"before_ms": before, "limit": 256})["more"]:
            pass
        equal(s.get("/v1/transactions?which=ALL&limit=1").json()["transactions"], [], s.at)
        s.is_clean()


def instances_are_killed_under_load():
    """One instance of each role is killed with -9 under load and started again: nothing is lost."""
    with Services(2, *FLAGS, stock=100000) as s:
        with Load(s, body=checkout) as load:
            load.wait(30)
            for of in (s.inventory, s.payment, s.order):
                of[0].kill()
                load.wait(30)  # through the others
                of[0].start()
                load.wait(30)
        nothing_is_lost(s, load)
        rows_are_purged(s)


def all_of_a_role_are_killed():
    """Every instance at once is killed with -9 under load and started again: nothing is lost."""
    with Services(2, *FLAGS, stock=100000) as s:
        with Load(s, body=checkout) as load:
            load.wait(50)
            for instance in s.all():
                instance.kill()
            for instance in s.all():
                instance.start()
            load.wait(50)
        nothing_is_lost(s, load)


def through_proxies(then):
    """Services whose order instances reach the others through a network that fails."""
    proxies = {}

    def through(at):
        proxies[at] = Proxy(at)
        return proxies[at].at

    with Services(2, *FLAGS, stock=100000, through=through) as s:
        links = {name: [proxies[i.at] for i in of]
                 for name, of in (("inventory", s.inventory), ("payment", s.payment))}
        try:
            then(s, links)
        finally:
            for proxy in proxies.values():
                proxy.set("pass")
        for proxy in proxies.values():
            proxy.close()


def the_network_is_cut():
    """Connections between the roles are cut, lose what they carry, or its answer: nothing is lost."""
    def story(s, links):
        with Load(s, body=checkout) as load:
            load.wait(20)
            for how in ("cut", "stall", "deaf"):
                for name in ("inventory", "payment"):
                    one = links[name][0]
                    dropped = one.dropped
                    one.set(how)
                    load.wait(20)  # through the other instance
                    load.until(lambda: one.dropped > dropped, f"{how} {name}: nothing is dropped")
                    one.set("pass")
                    load.wait(5)
        for proxy in links["inventory"] + links["payment"]:
            proxy.set("pass")
        nothing_is_lost(s, load)
        rows_are_purged(s)
    through_proxies(story)


def the_network_is_slow():
    """A network that is slow, and one of two that is slower than a call may take, delay orders only."""
    def story(s, links):
        with Load(s, body=checkout) as load:
            load.wait(10)
            for proxy in links["inventory"] + links["payment"]:
                proxy.set("slow", 0.03)
            load.wait(20)
            links["payment"][0].set("slow", 1.5)  # longer than --call-ms
            load.wait(20)
            for proxy in links["inventory"] + links["payment"]:
                proxy.set("pass")
            load.wait(10)
        nothing_is_lost(s, load)
    through_proxies(story)


def a_service_is_cut_off():
    """While no instance of a role can be reached no order is taken, and afterwards all is whole."""
    def story(s, links):
        with Load(s, body=checkout) as load:
            load.wait(20)
            for proxy in links["payment"]:
                proxy.set("cut")
            load.until(lambda: len(load.unknown) > 20, "checkouts without an answer")
            for proxy in links["payment"]:
                proxy.set("pass")
            load.wait(20)
        equal({str(code) for _, _, code in load.unknown}, {"NO_SERVICE"})
        nothing_is_lost(s, load)
    through_proxies(story)


run([instances_are_killed_under_load, all_of_a_role_are_killed, the_network_is_cut,
     the_network_is_slow, a_service_is_cut_off])

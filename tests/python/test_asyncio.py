"""Places, reads and cancels orders from asyncio through the completion queue: ctypes alone."""
import asyncio
import ctypes as c
import os

lib = c.CDLL(os.environ["HOLDFAST_LIBRARY"])
TYPES = {"u": c.c_uint32, "i": c.c_int32, "U": c.c_uint64, "I": c.c_int64, "s": c.c_char_p,
         "p": c.c_void_p, "id": c.c_uint8 * 16, "n": c.c_char * 64}
STRUCTS = {  # type:field,field of that type
    "options": "u:size,threads s:store p:driver U:queue,batch,cache u:ops,group,done,safe,check,"
    "level I:time U:seed p:log,data,heap,told,bar,e U:bytes u:txns,lease U:journal I:keep s:node,at,role "
    "u:cards,journalless s:clock u:behind,reserved",
    "op_head": "u:size,reserved id:id U:expected_version s:actor p:meta U:meta_bytes",
    "account_key": "u:kind,reserved s:name,place,unit",
    "op": "u:type,flags p:args U:user_data,reserved1,reserved2,reserved3,reserved4,reserved5",
    "completion": "U:user_data i:status u:type id:id p:result s:detail U:event_seq I:at_ms",
    "account_put_args": "op_head:head account_key:key u:mode,mask I:opening,min_balance,"
    "min_available,max_balance u:frozen,overtake i:unit_scale u:reserved",
    "line_args": "s:sku,unit I:quantity,unit_price,price_per p:places u:place_count,reserved "
    "p:legs u:leg_count,leg_bytes,settle_on,untracked",
    "order_place_args": "op_head:head s:customer,currency,series,ref I:total,deadline u:policy,"
    "pad p:lines u:line_count,line_bytes p:adjustments u:taxes,tax_size p:payments u:pays,pay_size",
    "order_units_args": "op_head:head id:order p:lines u:count,bytes p:refunds u:back,size,mode,"
    "unpaid,final,z",
    "order_get_args": "op_head:head id:order",
    "order": "id:id,fingerprint n:customer,currency,series,ref I:total,created,deadline,confirmed,"
    "closed U:number,placed_seq,version u:state,policy,attention,line_count,adjustment_count,"
    "payment_count p:meta U:meta_bytes I:kept,given",
    "order_view": "u:size,line_count p:order,lines,legs,adjustments,payments u:leg_count,taxes,"
    "pays,authorized_state,paid_state,refund_state,shipping_state,return_state I:held,paid,back,"
    "owed,covered"}
for name, text in STRUCTS.items():
    pairs = [word.split(":") for word in text.split()]
    fields = [(field, TYPES[kind]) for kind, names in pairs for field in names.split(",")]
    TYPES[name] = globals()["hf_" + name] = type(name, (c.Structure,), {"_fields_": fields})
ACCOUNT_PUT, PLACE, CANCEL, GET, PENDING, CANCELLED, NOT_FOUND = 6, 18, 20, 23, 2, 5, -40


def args_of(kind, init, *given):
    args = kind()
    init(c.byref(args), *given)
    return args


class Shop:  # an engine whose two descriptors the running asyncio loop watches
    def __init__(self, store):
        self.uv, self.engine, self.waiting = c.c_void_p(), c.c_void_p(), {}
        options = args_of(hf_options, lib.hf_options_init)
        options.store = store
        assert lib.hf_loop_create(c.byref(self.uv)) == 0
        assert lib.hf_engine_open(self.uv, c.byref(options), c.byref(self.engine)) == 0
        self.loop = asyncio.get_running_loop()
        self.loop.add_reader(lib.hf_loop_fd(self.uv), self.run)
        self.loop.add_reader(lib.hf_completions_fd(self.engine), self.take)

    def run(self):
        lib.hf_loop_run_once(self.uv, 0)
        if (wait := lib.hf_loop_timeout(self.uv)) >= 0 and self.waiting:
            self.loop.call_later(wait / 1000, self.run)

    def take(self):
        done = (hf_completion * 64)()
        for one in done[:lib.hf_completions(self.engine, done, 64)]:
            view = one.type >= PLACE and one.result and hf_order_view.from_address(one.result)
            order = hf_order.from_address(view.order) if view else hf_order()
            answer = one.status, (order.state, order.number, order.total), bytes(one.id)
            self.waiting.pop(one.user_data).set_result(answer)

    async def do(self, kind, args):
        future = self.loop.create_future()
        self.waiting[id(future)] = future
        op = hf_op(kind, 0, c.addressof(args), id(future))
        assert lib.hf_submit(self.engine, c.byref(op), 1, None) == 1
        self.loop.call_soon(self.run)
        return await future


async def one_order(shop, sku, price):
    line = args_of(hf_line_args, lib.hf_line_init, sku, c.c_int64(1), c.c_int64(price))
    args = args_of(hf_order_place_args, lib.hf_order_place_init, b"EUR")
    args.lines, args.line_count, args.total = c.addressof(line), 1, price
    status, placed, made = await shop.do(PLACE, args)
    key = TYPES["id"](*made)
    read = await shop.do(GET, args_of(hf_order_get_args, lib.hf_order_get_init, key))
    ended = await shop.do(CANCEL, args_of(hf_order_units_args, lib.hf_order_units_init, key))
    fine = placed == read[1] == (PENDING, placed[1], price) and ended[1][0] == CANCELLED
    return status, placed[1], fine


async def main():
    assert all(lib.hf_struct_size(b"hf_" + n.encode()) == c.sizeof(TYPES[n]) for n in STRUCTS)
    shop = Shop(b"memory:")
    for kind, account, unit in ((1, b"tea", b"pcs"), (2, b"till", b"EUR")):
        put = args_of(hf_account_put_args, lib.hf_account_put_init, kind, account, unit)
        put.opening, put.unit_scale = 100, 0
        assert (await shop.do(ACCOUNT_PUT, put))[0] == 0
    orders = await asyncio.gather(*(one_order(shop, b"tea", price) for price in range(1, 101)))
    assert sorted(orders) == [(0, number, True) for number in range(1, 101)], orders
    assert (await one_order(shop, b"coffee", 1))[0] == NOT_FOUND
    print("1..1\nok 1 100 orders placed, read and cancelled; the sizes of 12 structs fit")


asyncio.run(main())

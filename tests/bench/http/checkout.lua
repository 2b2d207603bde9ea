-- A checkout for wrk: two lines of random items, paid from a random wallet, each under its own key.
-- The library's bench does the same without HTTP. ITEMS and WALLETS as in checkout.py.
local items, wallets = 10000, 10000
local prefix, count

function setup(thread)
    threads = (threads or 0) + 1
    thread:set("number", threads)
end

function init()
    math.randomseed(os.time() * 64 + number)
    prefix = string.format("%012x", os.time() * 1000)
    count = 0
    refused = 0
    wrk.headers["Content-Type"] = "application/json"
end

local body = '{"currency":"EUR","customer":"c%d","total":2100,"lines":[' ..
    '{"sku":"item-%d","quantity":2,"unit_price":450},' ..
    '{"sku":"item-%d","quantity":1,"unit_price":1200}],"payments":[' ..
    '{"account":{"kind":"MONEY","name":"c%d","unit":"EUR"},"amount":2100}]}'

function request()
    count = count + 1
    local first = math.random(0, items - 1)
    local second = (first + math.random(1, items - 1)) % items
    local wallet = math.random(0, wallets - 1)
    wrk.headers["Idempotency-Key"] = string.format("%s-%s-7%03x-%04x-%012x", prefix:sub(1, 8),
        prefix:sub(9, 12), number, 0x8000 + math.random(0, 0x3fff), count * 65536 + math.random(0, 65535))
    return wrk.format("POST", "/v1/orders", nil, body:format(wallet, first, second, wallet))
end

function response(status)
    if status ~= 201 then refused = refused + 1 end
end

function done(summary, latency)
    io.write(string.format("figures %d %d %d %d %d %d\n", summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(99), summary.errors.status,
        summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end

-- Orders of two lines, each with a key of its own, for wrk.
local thread_number = 0
function setup(thread)
    thread:set("number", thread_number)
    thread_number = thread_number + 1
end

function init(args)
    prefix, asked_at, sent = args[1] .. "-" .. number .. "-", args[2], 0
    body = '{"customer": "ada", "asked_at": "' .. asked_at .. '", "lines": ['
        .. '{"sku": "tea", "quantity": 2, "unit_price": "4.50"}, '
        .. '{"sku": "cup", "quantity": 1, "unit_price": "12.00"}]}'
end

function request()
    sent = sent + 1
    return wrk.format("POST", "/orders/", {
        ["Content-Type"] = "application/json", ["Idempotency-Key"] = prefix .. sent }, body)
end

function done(summary, latency, requests)
    io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(99),
        summary.errors.status + summary.errors.connect + summary.errors.read
        + summary.errors.write + summary.errors.timeout))
end

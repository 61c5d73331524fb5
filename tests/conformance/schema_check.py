"""Validates the virtual Kalshi's REST answers and WebSocket frames against the official specifications."""
import asyncio, base64, json, sys, time, urllib.request, uuid
import yaml, jsonschema, websockets
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

venue, specs = json.loads(sys.argv[1]), sys.argv[2]
openapi = yaml.safe_load(open(specs + "/openapi.yaml"))
asyncapi = yaml.safe_load(open(specs + "/asyncapi.yaml"))
key = serialization.load_pem_private_key(open(venue["kalshi_key_file"], "rb").read(), None)


def to_json_schema(node):
    """OpenAPI 3.0's `nullable` as JSON Schema has it."""
    if isinstance(node, dict):
        out = {k: to_json_schema(v) for k, v in node.items()}
        if out.pop("nullable", False):
            return {"anyOf": [out, {"type": "null"}]}
        return out
    return [to_json_schema(v) for v in node] if isinstance(node, list) else node


openapi["components"] = to_json_schema(openapi["components"])
failures, checked = [], {}


def check(document, schema, value, what):
    checked[what] = checked.get(what, 0) + 1
    root = {"components": document["components"], **schema}
    for e in list(jsonschema.Draft202012Validator(root).iter_errors(value))[:3]:
        failures.append(f"{what}: {'/'.join(map(str, e.absolute_path))}: {e.message[:300]}")


def headers(method, path):
    now = str(int(time.time() * 1000))
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
    signature = key.sign((now + method + path).encode(), pss, hashes.SHA256())
    return {"KALSHI-ACCESS-KEY": venue["kalshi_key_id"], "KALSHI-ACCESS-TIMESTAMP": now,
            "KALSHI-ACCESS-SIGNATURE": base64.b64encode(signature).decode(), "Content-Type": "application/json"}


def call(method, path, body=None, template=None, expect=None):
    full = "/trade-api/v2" + path.split("?")[0]
    request = urllib.request.Request(venue["kalshi_rest"] + path, method=method, headers=headers(method, full),
                                     data=None if body is None else json.dumps(body).encode())
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as e:
        answer = e
    text = answer.read()
    status = answer.status
    if expect and status != expect:
        failures.append(f"{method} {path}: {status} {text[:200]}, not {expect}")
    operation = openapi["paths"][template or path.split("?")[0]][method.lower()]
    if str(status) not in operation["responses"]:
        failures.append(f"{method} {path}: status {status} is not in the specification")
        return status, json.loads(text or b"{}")
    response = operation["responses"][str(status)]
    if "$ref" in response:
        response = openapi["components"]["responses"][response["$ref"].split("/")[-1]]
    schema = response.get("content", {}).get("application/json", {}).get("schema")
    value = json.loads(text) if text else None
    if schema:
        check(openapi, to_json_schema(schema), value, f"{method} {template or path.split('?')[0]} {status}")
    return status, value


def rest():
    for path in ["/exchange/status", "/exchange/schedule", "/exchange/user_data_timestamp", "/series", "/historical/cutoff",
                 "/markets?limit=200", "/markets/trades?limit=50", "/events?limit=5&with_nested_markets=true", "/portfolio/balance",
                 "/portfolio/orders", "/portfolio/fills", "/portfolio/positions", "/portfolio/settlements",
                 "/portfolio/order_groups", "/account/limits", "/account/endpoint_costs", "/series/fee_changes",
                 "/events/fee_changes", "/portfolio/summary/total_resting_order_value", "/historical/positions",
                 "/incentive_programs"]:
        call("GET", path, expect=200)
    market = call("GET", "/markets?series_ticker=KXBTC15M&status=open")[1]["markets"][0]
    ticker = market["ticker"]
    call("GET", f"/markets/{ticker}", template="/markets/{ticker}", expect=200)
    call("GET", f"/markets/{ticker}/orderbook?depth=5", template="/markets/{ticker}/orderbook", expect=200)
    call("GET", f"/markets/orderbooks?tickers={ticker}", expect=200)
    call("GET", f"/events/{market['event_ticker']}", template="/events/{event_ticker}", expect=200)
    call("GET", "/series/KXBTC15M", template="/series/{series_ticker}", expect=200)
    now = int(time.time())
    call("GET", f"/series/KXBTC15M/markets/{ticker}/candlesticks?start_ts={now-900}&end_ts={now+60}&period_interval=1",
         template="/series/{series_ticker}/markets/{ticker}/candlesticks", expect=200)
    window = f"start_ts={now-900}&end_ts={now+60}&period_interval=1"
    both = ",".join(m["ticker"] for m in call("GET", "/markets?series_ticker=KXBTCD&status=open")[1]["markets"][:2])
    several = call("GET", f"/markets/candlesticks?market_tickers={both}&include_latest_before_start=true&{window}", expect=200)[1]
    if [m["market_ticker"] for m in several["markets"]] != both.split(","): failures.append(f"candles of {both}: {several}")
    call("GET", f"/series/KXBTC15M/events/{market['event_ticker']}/candlesticks?{window}",
         template="/series/{series_ticker}/events/{ticker}/candlesticks", expect=200)
    call("GET", f"/historical/markets/{ticker}", template="/historical/markets/{ticker}", expect=404)
    call("GET", f"/historical/markets/{ticker}/candlesticks?{window}", template="/historical/markets/{ticker}/candlesticks", expect=404)
    # The venue was told to change a series' fees (--fees).
    if not call("GET", "/series/fee_changes?show_historical=true", expect=200)[1]["series_fee_change_arr"]: failures.append("no fee change")
    if not call("GET", "/events/fee_changes", expect=200)[1]["event_fee_changes"]: failures.append("no fee change of an event")
    call("GET", "/markets/NOPE", template="/markets/{ticker}", expect=404)
    # Traded where a price in the middle cannot be gone in the next second.
    ladder = call("GET", "/markets?series_ticker=KXBTCD&status=open&limit=1000")[1]["markets"]
    ticker = min(ladder, key=lambda m: abs(float(m["yes_bid_dollars"]) - 0.5))["ticker"]
    orders = "/portfolio/events/orders"
    order = lambda **k: {"ticker": ticker, "client_order_id": str(uuid.uuid4()), "side": "bid", "count": "5.00", "price": "0.0100",
                         "time_in_force": "good_till_canceled", "self_trade_prevention_type": "taker_at_cross", "exchange_index": 2, **k}
    time.sleep(1)
    placed = call("POST", orders, order(), expect=201)[1]
    one = f"{orders}/{placed['order_id']}"
    call("GET", f"/portfolio/orders/{placed['order_id']}", template="/portfolio/orders/{order_id}", expect=200)
    call("GET", f"/portfolio/orders/queue_positions?market_tickers={ticker}", template="/portfolio/orders/queue_positions", expect=200)
    call("POST", one + "/amend", order(price="0.0200", count="7.00"), template=orders + "/{order_id}/amend", expect=200)
    call("POST", one + "/decrease", {"reduce_to": "3.00", "exchange_index": 2}, template=orders + "/{order_id}/decrease", expect=200)
    call("DELETE", one, template=orders + "/{order_id}", expect=404)  # without an index it goes to shard 0
    cancelled = call("DELETE", one + "?exchange_index=2", template=orders + "/{order_id}", expect=200)[1]
    if cancelled.get("reduced_by") != "3.00": failures.append(str(cancelled))
    taken = call("POST", orders, order(price="0.9900", count="2.00", time_in_force="immediate_or_cancel"), expect=201)[1]
    assert taken["fill_count"] == "2.00", taken
    call("POST", orders, {"ticker": ticker}, expect=400)
    call("POST", orders, order(price="0.5555"), expect=400)
    call("POST", orders, order(price="0.9900", post_only=True), expect=400)
    same = order(price="0.0100")
    call("POST", orders, same, expect=201)
    call("POST", orders, same, expect=409)
    batch = call("POST", orders + "/batched", {"orders": [order(), order(price="0.5555")]}, expect=201)[1]["orders"]
    assert "error" in batch[1] and "order_id" in batch[0], batch
    call("DELETE", orders + "/batched", {"orders": [{"order_id": batch[0]["order_id"], "exchange_index": 2}]}, expect=200)
    group = call("POST", "/portfolio/order_groups/create", {"contracts_limit": 10, "exchange_index": 2}, expect=201)[1]["order_group_id"]
    call("GET", f"/portfolio/order_groups/{group}", template="/portfolio/order_groups/{order_group_id}", expect=200)
    for action in ["trigger", "reset"]:
        call("PUT", f"/portfolio/order_groups/{group}/{action}", {}, template="/portfolio/order_groups/{order_group_id}/" + action, expect=200)
    call("DELETE", f"/portfolio/order_groups/{group}", template="/portfolio/order_groups/{order_group_id}", expect=200)
    for path in ["/portfolio/orders", "/portfolio/fills", "/portfolio/positions", f"/markets/trades?ticker={ticker}"]:
        call("GET", path, expect=200)
    time.sleep(1)
    call("POST", "/portfolio/intra_exchange_instance_transfer", {"source": "event_contract", "destination": "event_contract",
         "source_exchange_shard": 0, "destination_exchange_shard": 2, "amount": 10000}, expect=200)
    call("POST", "/portfolio/target_balance_allocation",
         {"allocations": [{"exchange_index": 0, "percent": 40}, {"exchange_index": 2, "percent": 60}]}, expect=200)
    plan = call("GET", "/portfolio/target_balance_allocation", expect=200)[1]
    if [a["percent"] for a in plan["allocations"]] != [40, 60]: failures.append(f"allocation: {plan}")
    call("POST", "/portfolio/target_balance_allocation", {"allocations": []}, expect=200)
    call("DELETE", orders, expect=204)
    return ticker


PAYLOADS = {p["properties"]["type"]["const"]: n for n, p in asyncapi["components"]["schemas"].items()
            if p.get("properties", {}).get("type", {}).get("const")}


async def stream(ticker):
    url = venue["kalshi_ws"]
    async with websockets.connect(url, additional_headers=headers("GET", "/trade-api/ws/v2")) as ws:
        await ws.send(json.dumps({"id": 1, "cmd": "subscribe", "params": {"channels": ["orderbook_delta", "ticker", "trade", "fill",
                      "user_orders", "market_positions"], "market_tickers": [ticker], "use_yes_price": True}}))
        await ws.send(json.dumps({"id": 7, "cmd": "subscribe", "params": {"channels": ["trade"]}}))
        await ws.send(json.dumps({"id": 2, "cmd": "subscribe", "params": {"channels": ["cfbenchmarks_value"], "index_ids": ["BRTI"]}}))
        await ws.send(json.dumps({"id": 3, "cmd": "subscribe", "params": {"channels": ["order_group_updates", "market_lifecycle_v2"]}}))
        await ws.send(json.dumps({"id": 4, "cmd": "update_subscription", "params": {"sid": 1, "action": "get_snapshot", "market_tickers": [ticker]}}))
        await ws.send(json.dumps({"id": 5, "cmd": "subscribe", "params": {"channels": ["nonsense"]}}))
        await ws.send(json.dumps({"id": 6, "cmd": "subscribe", "params": {"channels": ["orderbook_delta"], "market_tickers": [ticker]}}))
        seqs, kinds, traded = {}, {}, False
        until = time.time() + 12
        while time.time() < until:
            text = await asyncio.wait_for(ws.recv(), 5)
            frame = json.loads(text)
            kind = frame["type"]
            kinds[kind] = kinds.get(kind, 0) + 1
            name = PAYLOADS.get(kind)
            if kind == "ok" and "index_ids" in frame.get("msg", {}): name = "subscribedIndicesResponsePayload"
            elif kind == "ok": name = "okResponsePayload"
            if name is None: failures.append(f"unknown frame {text[:200]}"); continue
            if kind == "market_lifecycle_v2" and frame["msg"]["event_type"] == "metadata_updated": name = "marketMetadataUpdatedPayload"
            elif kind == "market_lifecycle_v2": name = "marketLifecycleV2Payload"
            if kinds[kind] < 60:
                check(asyncapi, {"$ref": f"#/components/schemas/{name}"}, frame, "ws " + name)
            if "seq" in frame and "sid" in frame:
                last = seqs.get(frame["sid"])
                if last is not None and frame["seq"] != last + 1: failures.append(f"sequence hole on sid {frame['sid']}: {last} {frame['seq']}")
                seqs[frame["sid"]] = frame["seq"]
            if not traded and time.time() > until - 9:
                traded = True
                loop = asyncio.get_running_loop()
                body = {"ticker": ticker, "client_order_id": str(uuid.uuid4()), "side": "ask", "count": "3.00", "price": "0.0100",
                        "time_in_force": "immediate_or_cancel", "self_trade_prevention_type": "taker_at_cross", "exchange_index": 2}
                await loop.run_in_executor(None, lambda: call("POST", "/portfolio/events/orders", body, expect=201))
        return kinds


ticker = rest()
kinds = asyncio.run(stream(ticker))
for need in ["subscribed", "orderbook_snapshot", "orderbook_delta", "ticker", "trade", "fill", "user_order", "market_position",
             "cfbenchmarks_value", "error", "ok"]:
    if need not in kinds: failures.append(f"no {need} frame came")
print(json.dumps({"rest_and_ws_shapes": len(checked), "checks": sum(checked.values()), "frames": kinds}))
for f in failures: print("FAIL", f)
sys.exit(1 if failures else 0)

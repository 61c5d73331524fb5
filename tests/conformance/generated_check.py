"""Generated requests (schemathesis) to every operation that the virtual Kalshi has: each answer must fit the official
OpenAPI document, in its status, its content type and its body; none may be a server error."""
import base64, json, sys, time, urllib.parse
import requests, schemathesis, yaml
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

venue, specs, examples = json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3])
key = serialization.load_pem_private_key(open(venue["kalshi_key_file"], "rb").read(), None)
# What the virtual venue does not have (docs/VENUES.md).
ABSENT = ("/communications", "/account/api_usage_level", "/search", "/live_data", "/structured_targets", "/milestones",
          "/multivariate", "/incentive_programs", "/fcm", "/events/multivariate", "/historical/markets/", "/events/{event_ticker}/metadata",
          "/series/{series_ticker}/events")
# Statuses that every operation may give, documented or not: the gate and the limits stand before it.
ALWAYS = {"400", "401", "404", "405", "429"}
schema = schemathesis.openapi.from_dict(yaml.safe_load(open(specs + "/openapi.yaml")))
session, failures, counts = requests.Session(), [], {}


def send(case):
    request = requests.Request(**case.as_transport_kwargs(base_url=venue["kalshi_rest"])).prepare()
    path = urllib.parse.urlsplit(request.url).path
    now = str(int(time.time() * 1000))
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
    signature = key.sign((now + request.method + path).encode(), pss, hashes.SHA256())
    request.headers.update({"KALSHI-ACCESS-KEY": venue["kalshi_key_id"], "KALSHI-ACCESS-TIMESTAMP": now,
                            "KALSHI-ACCESS-SIGNATURE": base64.b64encode(signature).decode()})
    while True:
        answer = session.send(request, timeout=20)
        if answer.status_code != 429:
            return schemathesis.Response.from_requests(answer, verify=False)
        time.sleep(0.2)


def get(path):
    return session.get(venue["kalshi_rest"] + path, timeout=20).json()


# All hourly contracts close together: not in their last minutes.
while time.time() % 3600 > 3600 - 180:
    time.sleep(1)
open_markets = get("/markets?status=open&limit=1000&series_ticker=KXBTCD")["markets"]
chosen = min(open_markets, key=lambda m: abs(float(m["yes_bid_dollars"]) - 0.5))
public_key = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
turn = 0


def post(path, body):
    now = str(int(time.time() * 1000))
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
    signature = key.sign((now + "POST" + "/trade-api/v2" + path).encode(), pss, hashes.SHA256())
    answer = session.post(venue["kalshi_rest"] + path, json=body, timeout=20, headers={
        "KALSHI-ACCESS-KEY": venue["kalshi_key_id"], "KALSHI-ACCESS-TIMESTAMP": now,
        "KALSHI-ACCESS-SIGNATURE": base64.b64encode(signature).decode()})
    answer.raise_for_status()
    return answer.json()


# Things that are there: a resting order, a group, a transfer.
seen = {
    "order_id": post("/portfolio/events/orders", {"ticker": chosen["ticker"], "client_order_id": "generated", "side": "bid", "count": "50.00",
                     "price": "0.0100", "time_in_force": "good_till_canceled", "self_trade_prevention_type": "taker_at_cross",
                     "exchange_index": 2})["order_id"],
    "order_group_id": post("/portfolio/order_groups/create", {"contracts_limit_fp": "100.00", "exchange_index": 2})["order_group_id"],
    "transfer_id": post("/portfolio/intra_exchange_instance_transfer", {"source": "event_contract", "destination": "event_contract",
                        "source_exchange_shard": 0, "destination_exchange_shard": 2, "amount": 100})["transfer_id"],
    "api_key": post("/api_keys/generate", {"name": "generated", "key_type": "ed25519"})["api_key_id"],
}


def season(case):
    """Names made up never meet anything: two requests of three speak of what is there, the rest stays as generated."""
    global turn
    turn += 1
    if turn % 3 == 0:
        return
    now = int(time.time())
    real = {"ticker": chosen["ticker"], "event_ticker": chosen["event_ticker"], "series_ticker": "KXBTCD", "market_ticker": chosen["ticker"],
            "market_tickers": chosen["ticker"], "tickers": chosen["ticker"], "start_ts": now - 600, "end_ts": now + 60, "cursor": "",
            "period_interval": 1, "exchange_index": 2, "subaccount": 0, "min_ts": 0, "max_ts": now,
            **seen}
    for place in (case.path_parameters, case.query):
        for name in list(place or {}):
            if name in real:
                place[name] = real[name]
    if isinstance(case.body, dict):
        for item in [case.body] + [o for o in case.body.get("orders", []) if isinstance(o, dict)]:
            for name in ("ticker", "market_ticker", "exchange_index", "order_id", "subaccount"):
                if name in item and name in real:
                    item[name] = real[name]
            if "price" in item:
                item["price"] = f"0.{turn % 98 + 1:02d}00"
            if "count" in item:
                item["count"] = f"{turn % 7 + 1}.00"
            if "client_order_id" in item and turn % 5:
                item["client_order_id"] = f"generated-{turn}"
            for name in ("order_group_id", "expiration_time", "updated_client_order_id"):
                item.pop(name, None)
        if "/api_keys" in case.path:
            case.body.pop("subaccount", None), case.body.pop("fcm_subtrader_id", None)
        for name, value in {"public_key": public_key, "source": "event_contract", "destination": "event_contract", "source_exchange_shard": 0,
                            "destination_exchange_shard": 2, "amount": 100, "amount_cents": 1, "from_subaccount": 0, "to_subaccount": 0,
                            "source_subaccount": 0, "destination_subaccount": 0, "contracts_limit": 50, "contracts_limit_fp": "50.00",
                            "reduce_by": "1.00"}.items():
            if name in case.body:
                case.body[name] = value
        if "reduce_by" in case.body:
            case.body.pop("reduce_to", None)
        case.body.pop("client_transfer_id", None) if "source" in case.body else None
        if case.path.endswith("/amend"):
            case.body.update({"side": "bid", "count": "60.00", "price": "0.0100"})


def drive(operation):
    what = f"{operation.method.upper()} {operation.path}"
    documented = set(map(str, operation.definition.raw.get("responses", {}))) | ALWAYS

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def one(case):
        season(case)
        response = send(case)
        counts.setdefault(what, {}).setdefault(str(response.status_code), 0)
        counts[what][str(response.status_code)] += 1
        if str(response.status_code) not in documented:
            raise AssertionError(f"status {response.status_code} is not documented")
        checks = [not_a_server_error]
        if response.status_code // 100 == 2:
            checks += [content_type_conformance, response_schema_conformance]
        case.validate_response(response, checks=checks)

    try:
        one()
    except Exception as e:
        failures.append(f"{what}: {str(e)[:700]}")


operations = [r.ok() for r in schema.get_all_operations()]
operations = [o for o in operations if not any(o.path.startswith(p) for p in ABSENT)]
# What makes things first, what ends them last.
for operation in sorted(operations, key=lambda o: ["post", "get", "put", "delete"].index(o.method.lower())):
    drive(operation)
print(json.dumps({"operations": len(counts), "requests": sum(sum(c.values()) for c in counts.values()),
                  "statuses": {s: sum(c.get(s, 0) for c in counts.values()) for s in sorted({s for c in counts.values() for s in c})}}))
never = sorted(w for w, c in counts.items() if not any(s.startswith("2") for s in c))
print("never answered with success:", ", ".join(never))
for f in failures:
    print("FAIL", f)
sys.exit(1 if failures else 0)

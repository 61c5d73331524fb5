"""pykalshi, unchanged but for the base URLs: REST and the WebSocket, books kept by its own manager against REST's."""
import json, sys, time, uuid
from decimal import Decimal
from pykalshi import KalshiClient
from pykalshi.enums import MarketStatus
from pykalshi.orderbook import OrderbookManager

venue = json.loads(sys.argv[1])
client = KalshiClient(api_key_id=venue["kalshi_key_id"], private_key_path=venue["kalshi_key_file"], api_base=venue["kalshi_rest"])
# All hourly contracts close together: not in their last minutes.
while time.time() % 3600 > 3600 - 120:
    time.sleep(1)
ladder = [m.data for m in client.get_markets(series_ticker="KXBTCD", status=MarketStatus.OPEN, limit=1000)]
chosen = min(ladder, key=lambda m: abs(Decimal(m.yes_bid_dollars) - Decimal("0.5")))
ticker = chosen.ticker
shard = client.get(f"/markets/{ticker}")["market"]["exchange_index"]
got, book, wrong, states = {}, OrderbookManager(ticker), [], set()
state = lambda yes, no: tuple(tuple(sorted((Decimal(p), Decimal(q)) for p, q in side)) for side in (yes, no))


def keep(kind):
    def handler(msg):
        got.setdefault(kind, []).append(msg)
        if kind == "orderbook_delta" and msg.market_ticker == ticker:
            if hasattr(msg, "yes_dollars_fp"):
                book.apply_snapshot(msg.yes_dollars_fp, msg.no_dollars_fp)
            else:
                book.apply_delta(msg.side, msg.price_dollars, msg.delta_fp)
            states.add(state(book.yes.items(), book.no.items()))
            both = book.yes and book.no
            if both and max(map(Decimal, book.yes)) + max(map(Decimal, book.no)) >= 1:
                wrong.append("crossed")
    return handler


feed = client.feed()
feed._ws_url = venue["kalshi_ws"]
for channel in ["ticker", "trade", "orderbook_delta", "fill", "market_positions", "market_lifecycle_v2", "user_orders"]:
    feed.on(channel, keep(channel))
feed.subscribe("ticker", market_ticker=ticker)
feed.subscribe("orderbook_delta", market_tickers=[ticker])
feed.subscribe("trade")
for channel in ["fill", "market_positions", "user_orders"]:
    feed.subscribe(channel)
feed.start()
until = time.time() + 60
while time.time() < until and not (book.yes and book.no):
    time.sleep(0.1)
assert book.yes and book.no, "no book came"

money = client.portfolio.get_balance()
assert money.balance > 0
post = lambda **k: client.post("/portfolio/events/orders", {
    "ticker": ticker, "client_order_id": str(uuid.uuid4()), "side": "bid", "count": "2.00", "price": "0.9900",
    "time_in_force": "immediate_or_cancel", "self_trade_prevention_type": "taker_at_cross",
    "exchange_index": shard, **k})
assert post()["fill_count"] == "2.00"
resting = post(price="0.0100", time_in_force="good_till_canceled")["order_id"]
order = client.portfolio.get_order(resting)
assert order.data.status.value == "resting", order
# Its cancel names neither shard nor market: on the real venue too that goes to shard 0 and finds nothing.
client.delete(f"/portfolio/events/orders/{resting}?exchange_index={shard}")
assert len(client.portfolio.get_fills(ticker=ticker)) >= 1
position = client.portfolio.get_positions(ticker=ticker)
assert position, "no position"
client.portfolio.get_settlements()
client.portfolio.get_queue_positions(market_tickers=[ticker])
client.portfolio.get_resting_order_value()
group = client.post("/portfolio/order_groups/create", {"contracts_limit_fp": "10.00", "exchange_index": 2})["order_group_id"]
assert client.portfolio.get_order_group(group)
client.portfolio.trigger_order_group(group)
client.portfolio.reset_order_group(group)
client.portfolio.update_order_group_limit(group, "20.00")
assert len(client.portfolio.get_order_groups()) >= 1
assert len(client.portfolio.get_subaccount_balances()) >= 3
until = time.time() + 60
need = ["ticker", "trade", "orderbook_delta", "fill", "market_positions", "user_orders"]
while time.time() < until and not all(got.get(k) for k in need):
    time.sleep(0.1)
missing = [k for k in need if not got.get(k)]
assert not missing, missing
deltas = sum(not hasattr(m, "yes_dollars_fp") for m in got["orderbook_delta"])
# What REST says of the book is one of the states that its manager went through.
for _ in range(5):
    rest = client.get(f"/markets/{ticker}/orderbook")["orderbook_fp"]
    time.sleep(1)
    assert state(rest["yes_dollars"], rest["no_dollars"]) in states, rest
feed.stop()
assert not wrong, wrong
print(json.dumps({"messages": {k: len(v) for k, v in got.items()}, "deltas": deltas}))

"""The official Python SDK (kalshi-python-sync), unchanged but for the base URL, trades on the virtual Kalshi."""
import json, sys, time, uuid
import kalshi_python_sync as sdk
from kalshi_python_sync.auth import KalshiAuth

venue = json.loads(sys.argv[1])
configuration = sdk.Configuration(host=venue["kalshi_rest"])
configuration.api_key_id = venue["kalshi_key_id"]
configuration.private_key_pem = open(venue["kalshi_key_file"]).read()
client = sdk.KalshiClient(configuration)


def refused(status, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except sdk.ApiException as e:
        assert e.status == status, e
        return
    raise AssertionError(f"not refused with {status}")


assert client.get_exchange_status().trading_active
client.get_account_api_limits()
# All hourly contracts close together: not in their last minutes.
while time.time() % 3600 > 3600 - 60:
    time.sleep(1)
ladder = client.get_markets(series_ticker="KXBTCD", status="open", limit=1000).markets
chosen = min(ladder, key=lambda m: abs(float(m.yes_bid_dollars) - 0.5))
ticker, shard = chosen.ticker, chosen.exchange_index
book = client.get_market_orderbook(ticker=ticker).orderbook_fp
assert book.yes_dollars and book.no_dollars
now = int(time.time())
assert client.get_market_candlesticks(series_ticker="KXBTCD", ticker=ticker, start_ts=now - 600, end_ts=now + 60, period_interval=1).candlesticks
order = lambda **k: {
    "ticker": ticker, "client_order_id": str(uuid.uuid4()), "side": "bid", "count": "4.00", "price": "0.0100",
    "time_in_force": "good_till_canceled", "self_trade_prevention_type": "taker_at_cross", "exchange_index": shard, **k}
create = lambda **k: client.create_order_v2(**order(**k))
placed = create()
assert placed.remaining_count == "4.00"
amended = client.amend_order_v2(order_id=placed.order_id, ticker=ticker, side="bid", price="0.0200", count="6.00", exchange_index=shard)
assert amended.remaining_count == "6.00"
reduced = client.decrease_order_v2(order_id=placed.order_id, reduce_to="3.00", exchange_index=shard)
assert reduced.remaining_count == "3.00"
assert client.get_order(order_id=placed.order_id).order.status == "resting"
assert client.cancel_order_v2(order_id=placed.order_id, exchange_index=shard).reduced_by == "3.00"
refused(404, client.cancel_order_v2, order_id=placed.order_id, exchange_index=shard)
taken = create(price="0.9900", time_in_force="immediate_or_cancel")
assert taken.fill_count == "4.00"
fills = client.get_fills(ticker=ticker, order_id=taken.order_id).fills
assert sum(float(f.count_fp) for f in fills) == 4
held = client.get_positions(ticker=ticker).market_positions[0]
assert float(held.position_fp) >= 4
assert client.get_balance().balance > 0
client.get_settlements()
group = client.create_order_group(contracts_limit_fp="10.00", exchange_index=shard).order_group_id
create(order_group_id=group)
assert len(client.get_order_group(order_group_id=group).orders) == 1
client.trigger_order_group(order_group_id=group)
assert len(client.get_order_group(order_group_id=group).orders) == 0
client.delete_order_group(order_group_id=group)
batch = client.batch_create_orders_v2(orders=[order(), order(price="0.5555")]).orders
assert batch[0].order_id and batch[1].error
client.batch_cancel_orders_v2(orders=[{"order_id": batch[0].order_id, "exchange_index": shard}])
# Subaccounts: cash moves there, and an order there is none of the primary account's.
number = client.create_subaccount().subaccount_number
client.apply_subaccount_transfer(
    client_transfer_id=str(uuid.uuid4()), from_subaccount=0, to_subaccount=number, amount_cents=1000, exchange_index=shard)
apart = create(subaccount=number)
assert apart.order_id not in [o.order_id for o in client.get_orders(ticker=ticker, subaccount=0, status="resting").orders]
assert apart.order_id in [o.order_id for o in client.get_orders(ticker=ticker, subaccount=number, status="resting").orders]
balances = client.get_subaccount_balances().subaccount_balances
assert len(balances) >= 2
client.get_subaccount_transfers()
client.get_subaccount_netting()
client.cancel_all_orders()
refused(400, create, price="0.5555")
print(json.dumps({"ladder": len(ladder), "fills": len(fills), "position": held.position_fp, "subaccounts": len(balances)}))

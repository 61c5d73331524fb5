"""kalshi-sdk, unchanged but for the base URLs: its WebSocket client with its sequence tracker and its order books, and its REST client."""
import asyncio, json, sys, time, uuid
from kalshi import AsyncKalshiClient, KalshiAuth, KalshiConfig
from kalshi.models.orders import CreateOrderV2Request
from kalshi.ws import KalshiWebSocket

venue = json.loads(sys.argv[1])
auth = KalshiAuth.from_key_path(venue["kalshi_key_id"], venue["kalshi_key_file"])
config = KalshiConfig(base_url=venue["kalshi_rest"], ws_base_url=venue["kalshi_ws"])
counts, states, errors = {}, set(), []
state = lambda levels: tuple(sorted((float(l.price), float(l.quantity)) for l in levels))


async def count(name, stream, until):
    async for message in stream:
        counts[name] = counts.get(name, 0) + 1
        if counts[name] >= until:
            return


async def books(stream, until):
    async for book in stream:
        states.add((state(book.yes), state(book.no)))
        assert not (book.yes and book.no) or max(l.price for l in book.yes) + max(l.price for l in book.no) < 1, "crossed"
        counts["books"] = counts.get("books", 0) + 1
        if counts["books"] >= until:
            return


async def on_error(message):
    errors.append(message)


async def main():
    # All hourly contracts close together: not in their last minutes.
    while time.time() % 3600 > 3600 - 120:
        await asyncio.sleep(1)
    async with AsyncKalshiClient(auth=auth, config=config) as client:
        page = await client.markets.list(series_ticker="KXBTCD", status="open", limit=1000)
        chosen = min(page.items, key=lambda m: abs(float(m.yes_bid) - 0.5))
        ticker = chosen.ticker
        ws = KalshiWebSocket(auth=auth, config=config, on_error=on_error)
        async with ws.connect() as session:
            jobs = [
                count("ticker", await session.subscribe_ticker(tickers=[ticker]), 2),
                count("trade", await session.subscribe_trade(), 3),
                count("fill", await session.subscribe_fill(), 1),
                count("user_orders", await session.subscribe_user_orders(), 1),
                count("market_positions", await session.subscribe_market_positions(), 1),
                count("index", await session.subscribe_cfbenchmarks_value(index_ids=["BRTI"]), 5),
                books(await session.orderbook(ticker), 8),
            ]
            tasks = [asyncio.create_task(j) for j in jobs]
            await asyncio.sleep(1)
            body = {"ticker": ticker, "client_order_id": str(uuid.uuid4()), "side": "bid", "count": "2.00", "price": "0.9900",
                    "time_in_force": "immediate_or_cancel", "self_trade_prevention_type": "taker_at_cross", "exchange_index": 2}
            placed = await client.orders.create_v2(request=CreateOrderV2Request(**body))
            counts["filled"] = str(placed.fill_count)
            await asyncio.wait_for(asyncio.gather(*tasks), 90)
        balance = await client.portfolio.balance()
        assert balance is not None
    assert not errors, errors
    assert states
    print(json.dumps({**counts, "book_states": len(states)}))


asyncio.run(main())

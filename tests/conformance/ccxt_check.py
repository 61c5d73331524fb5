"""ccxt, unchanged but for the base URL, reads the virtual Kraken: REST and WebSocket."""
import asyncio, json, sys
import ccxt.pro

venue = json.loads(sys.argv[1])


async def main():
    kraken = ccxt.pro.kraken({"enableRateLimit": True})
    kraken.urls["api"]["public"] = venue["kraken_rest"]
    kraken.urls["api"]["ws"]["public"] = venue["kraken_ws_v1"]
    kraken.urls["api"]["ws"]["publicV2"] = venue["kraken_ws_v2"]
    try:
        markets = await kraken.load_markets()
        assert "BTC/USD" in markets, list(markets)
        bars = await kraken.fetch_ohlcv("BTC/USD", "1m")
        # A minute that has just begun has no bar before its first trade.
        assert len(bars) in (719, 720) and all(b[0] - a[0] == 60000 for a, b in zip(bars, bars[1:])), len(bars)
        trades = await kraken.fetch_trades("BTC/USD", limit=100)
        assert len(trades) >= 50 and all(t["price"] > 0 for t in trades)
        ticker = await kraken.fetch_ticker("BTC/USD")
        assert ticker["bid"] < ticker["ask"]
        live = await asyncio.wait_for(kraken.watch_trades("BTC/USD"), 60)
        assert live[0]["symbol"] == "BTC/USD" and live[0]["id"]
        candles = await asyncio.wait_for(kraken.watch_ohlcv("BTC/USD", "1m"), 60)
        assert candles[-1][0] % 60000 == 0 and candles[-1][2] >= candles[-1][3]
        print(json.dumps({"rest_bars": len(bars), "rest_trades": len(trades), "ws_trades": len(live), "ws_bars": len(candles)}))
    finally:
        await kraken.close()


asyncio.run(main())

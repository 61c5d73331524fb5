#include "app/journal/tables.hpp"

#include <filesystem>
#include <map>
#include <vector>

#include "event/codec.hpp"
#include "io/journal_reader.hpp"
#include "io/parquet_file.hpp"

namespace voltage::app::journal {
namespace {

using io::ColumnType;

const char* name_of(Side s) {
  return s == Side::bid ? "bid" : "ask";
}

const char* name_of(event::CashReason r) {
  switch (r) {
    case event::CashReason::trade:
      return "trade";
    case event::CashReason::fee:
      return "fee";
    case event::CashReason::settlement:
      return "settlement";
    case event::CashReason::deposit:
      return "deposit";
  }
  return "?";
}

std::string vetoes(event::Vetoes bits) {
  std::string out;
  for (std::size_t i = 0; i < event::kVetoes; ++i) {
    if (((bits >> i) & 1U) == 0) continue;
    if (!out.empty()) out += ' ';
    out += event::name(static_cast<event::Veto>(i));
  }
  return out;
}

// The five tables of a run, row by row.
class Tables {
 public:
  static Result<Tables> create(const std::string& to) {
    const auto table = [&](const char* name, std::vector<io::Column> columns) {
      return io::ParquetFile::create(to + "/" + name + ".parquet", std::move(columns));
    };
    const io::Column at{"at", ColumnType::time}, market{"market", ColumnType::text}, side{"side", ColumnType::text};
    const io::Column order{"order", ColumnType::integer}, price{"price", ColumnType::number};
    const io::Column count{"contracts", ColumnType::number}, seq{"seq", ColumnType::integer};
    auto orders = table("orders", {seq, at, market, order, side, price, count});
    auto fills = table("fills", {seq,
                                 at,
                                 market,
                                 order,
                                 {"trade", ColumnType::text},
                                 side,
                                 price,
                                 count,
                                 {"fee_micros", ColumnType::integer},
                                 {"maker", ColumnType::integer}});
    auto cash = table("cash", {seq,
                               at,
                               market,
                               order,
                               {"reason", ColumnType::text},
                               {"change_micros", ColumnType::integer},
                               {"balance_micros", ColumnType::integer}});
    auto decisions = table("decisions", {seq,
                                         at,
                                         market,
                                         order,
                                         {"fair", ColumnType::number},
                                         {"blend", ColumnType::number},
                                         {"microprice", ColumnType::number},
                                         {"seconds_left", ColumnType::number},
                                         {"edge", ColumnType::number},
                                         {"vetoes", ColumnType::text}});
    auto quotes = table("quotes", {seq,
                                   at,
                                   market,
                                   {"bid", ColumnType::number},
                                   {"ask", ColumnType::number},
                                   {"fair", ColumnType::number},
                                   {"blend", ColumnType::number},
                                   {"seconds_left", ColumnType::number}});
    for (const auto* t : {&orders, &fills, &cash, &decisions, &quotes}) {
      if (!*t) return fail(t->error().message);
    }
    return Tables{std::move(*orders), std::move(*fills), std::move(*cash), std::move(*decisions), std::move(*quotes)};
  }

  void event(std::uint64_t seq, Time at, const event::Payload& what) {
    at_ = at;
    seq_ = static_cast<std::int64_t>(seq);
    if (const auto* seen = std::get_if<event::ContractSeen>(&what)) {
      tickers_[seen->contract.id] = seen->contract.ticker;
    } else if (const auto* f = std::get_if<event::FillSeen>(&what)) {
      ++done_.fills;
      head(fills_, f->contract, f->order).text(f->trade_id).text(name_of(f->side));
      fills_.number(f->price.dollars()).number(f->qty.contracts()).integer(f->fee.micros).integer(f->maker ? 1 : 0);
    }
  }

  void effect(const event::Effect& fx) {
    if (const auto* o = std::get_if<event::PlaceOrder>(&fx)) {
      ++done_.orders;
      const auto& t = o->terms();
      head(orders_, t.contract, t.order).text(name_of(t.side)).number(t.limit.dollars()).number(t.qty.contracts());
    } else if (const auto* c = std::get_if<event::CashChange>(&fx)) {
      ++done_.cash;
      head(cash_, c->contract, c->order).text(name_of(c->reason)).integer(c->change.micros).integer(c->balance.micros);
    } else if (const auto* d = std::get_if<event::Decision>(&fx)) {
      ++done_.decisions;
      head(decisions_, d->contract, d->order).number(d->fair).number(d->blend).number(d->microprice);
      decisions_.number(d->seconds_left).number(d->edge).text(vetoes(d->vetoes));
    } else if (const auto* q = std::get_if<event::Quote>(&fx)) {
      ++done_.quotes;
      quotes_.integer(seq_).time(at_).text(ticker(q->contract));
      for (const auto& p : {q->bid, q->ask}) {
        if (p)
          quotes_.number(p->dollars());
        else
          quotes_.null();
      }
      quotes_.number(q->fair).number(q->blend).number(q->seconds_left);
    }
  }

  Result<Exported> commit() {
    for (auto* t : {&orders_, &fills_, &cash_, &decisions_, &quotes_}) {
      if (auto ok = t->commit(); !ok) return tl::unexpected(ok.error());
    }
    return done_;
  }

 private:
  Tables(io::ParquetFile orders, io::ParquetFile fills, io::ParquetFile cash, io::ParquetFile decisions,
         io::ParquetFile quotes)
      : orders_{std::move(orders)},
        fills_{std::move(fills)},
        cash_{std::move(cash)},
        decisions_{std::move(decisions)},
        quotes_{std::move(quotes)} {}

  io::ParquetFile& head(io::ParquetFile& table, event::ContractId contract, event::OrderId order) {
    table.integer(seq_).time(at_).text(ticker(contract));
    return order.v == 0 ? table.null() : table.integer(static_cast<std::int64_t>(order.v));
  }
  std::string ticker(event::ContractId id) const {
    const auto found = tickers_.find(id);
    return found == tickers_.end() ? std::string{} : found->second;
  }

  io::ParquetFile orders_, fills_, cash_, decisions_, quotes_;
  std::map<event::ContractId, std::string> tickers_;
  Time at_{};
  std::int64_t seq_{0};
  Exported done_;
};

}  // namespace

Result<Exported> export_tables(const std::string& folder, const std::string& to) {
  auto reader = io::JournalReader::open(folder);
  if (!reader) return tl::unexpected(reader.error());
  std::error_code ec;
  std::filesystem::create_directories(to, ec);
  auto tables = Tables::create(to);
  if (!tables) return tl::unexpected(tables.error());
  for (;;) {
    const auto record = reader->next();
    if (!record) return tl::unexpected(record.error());
    if (!*record) break;
    const auto& r = **record;
    if (r.type == io::RecordType::event) {
      const auto what = event::decode_payload(r.what);
      if (!what) return fail(reader->place() + ": " + what.error().message);
      tables->event(r.seq, r.at, *what);
    } else {
      const auto fx = event::EffectCodec::decode(r.what);
      if (!fx) return fail(reader->place() + ": " + fx.error().message);
      tables->effect(*fx);
    }
  }
  return tables->commit();
}

}  // namespace voltage::app::journal

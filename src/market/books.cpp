#include "market/books.hpp"

#include <utility>

namespace voltage::market {
namespace {

// A book is kept so long after the close for those who look back; then its memory is freed. Hundreds open each hour.
constexpr Duration kKeptAfterClose{600'000'000'000};
constexpr const char* kOver = "the contract is over";

}  // namespace

void Books::see(const Contract& contract) {
  CHECK(contract.id.v <= listings_.size());
  if (contract.id.v == listings_.size()) listings_.emplace_back();
  listings_[contract.id.v].contract = contract;
}

const Listing& Books::at(ContractId id) const {
  CHECK(has(id));
  return listings_[id.v];
}

void Books::load(ContractId id, Time at, std::span<const Level> bids, std::span<const Level> asks) {
  CHECK(has(id));
  Listing& listing = listings_[id.v];
  ++listing.snapshots;
  listing.updated = at;
  listing.lost_why.clear();
  if (!listing.book.load(bids, asks)) {
    ++listing.losses;
    lose(id, "snapshot with an impossible level");
    return;
  }
  listing.trust = Trust::valid;
  judge_top(listing, at);
  if (listing.trust == Trust::crossed) ++listing.crossed_moments;
}

void Books::apply(ContractId id, Time at, Side side, Price price, Qty change) {
  CHECK(has(id));
  Listing& listing = listings_[id.v];
  ++listing.deltas;
  if (listing.trust == Trust::missing || listing.trust == Trust::lost) return;
  listing.updated = at;
  if (!listing.book.apply(side, price, change)) {
    ++listing.losses;
    lose(id, "a level would go below zero");
    return;
  }
  judge_top(listing, at);
  if (listing.trust == Trust::crossed) ++listing.crossed_moments;
}

void Books::lose(ContractId id, std::string why) {
  CHECK(has(id));
  Listing& listing = listings_[id.v];
  listing.trust = Trust::lost;
  listing.lost_why = std::move(why);
  const Book freed{std::move(listing.book)};
}

void Books::pass_time(Time now) {
  for (auto& listing : listings_) {
    if (listing.trust == Trust::crossed) judge_top(listing, now);
    const bool over = listing.contract.close + kKeptAfterClose < now;
    if (over && listing.trust != Trust::lost) lose(listing.contract.id, kOver);
  }
}

void Books::judge_top(Listing& listing, Time at) {
  if (!listing.book.locked_or_crossed()) {
    listing.trust = Trust::valid;
    return;
  }
  if (listing.trust != Trust::crossed) {
    listing.trust = Trust::crossed;
    listing.crossed_since = at;
  } else if (at - listing.crossed_since > crossed_max_) {
    ++listing.losses;
    lose(listing.contract.id, "crossed for longer than a moment");
  }
}

}  // namespace voltage::market

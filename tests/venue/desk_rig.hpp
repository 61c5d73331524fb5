#pragma once
// The order desk, the virtual venue's API and a network between them that can lose either half of an exchange.
#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "support/temp_folder.hpp"
#include "venue/kalshi/order_desk.hpp"
#include "venue/virtual/kalshi_api.hpp"

namespace voltage::venue::kalshi {

using namespace literals;
namespace vk = virtual_kalshi;

inline vk::WorldOptions world_options() {
  vk::WorldOptions o;
  o.start = *parse_iso("2026-11-22T14:10:00Z");
  o.ladder = {12, 100};
  o.taker_rate = 0;
  o.flicker_rate = 0;
  return o;
}

// Room for every request, and orders that stay for as long as a test looks at them.
inline DeskRules rules() {
  DeskRules r;
  r.write_rate = r.write_capacity = 1'000'000;
  r.expiry_max = 1_h;
  return r;
}

class Rig {
 public:
  enum class Loss : std::uint8_t { none, before, after, error_503 };

  explicit Rig(DeskRules desk_rules = rules())
      : world_{world_options()},
        signer_{fresh_key(folder_)},
        gate_{"key", *Key::read(folder_.path("key.pem"))},
        api_{world_, gate_, *vk::tier_of("prestige")},
        desk_{desk_rules, "run"} {
    market::ContractId id{1};
    for (const auto& m : world_.exchange().markets()) {
      if (m.contract.series != "KXBTCD" || m.phase != vk::Phase::active) continue;
      contract = m.contract;
      contract.id = id;
      break;
    }
    desk_.know(contract);
  }

  // Carries every waiting request; creates and amends are lost as told.
  void carry(Loss creates) {
    for (auto& r : desk_.take_requests()) deliver(r, orders(r) ? creates : Loss::none);
    pass();
  }
  // An order that is made or changed.
  static bool orders(const DeskRequest& r) {
    return r.request.method == "POST" && r.request.target.find("order_groups") == std::string::npos;
  }
  void deliver(DeskRequest& r, Loss loss) {
    ++requests;
    if (loss == Loss::before) return desk_.lost(r.number, "cut before", world_.now());
    if (loss == Loss::error_503)
      return desk_.answered(r.number, 503, R"({"error":{"code":"service_unavailable"}})", world_.now());
    r.request.target = "/trade-api/v2" + r.request.target;
    sign(r.request);
    const auto response = api_.handle(r.request, world_.now());
    if (loss == Loss::after) return desk_.lost(r.number, "cut after", world_.now());
    desk_.answered(r.number, response.status, response.body, world_.now());
  }
  void pass() {
    world_.advance(world_.now() + Duration{100'000'000});
    desk_.tick(world_.now());
    for (auto& e : desk_.take_events()) events.push_back(std::move(e));
  }
  void settle() {
    for (int i = 0; i < 200; ++i) carry(Loss::none);
  }
  event::OrderTerms terms(std::uint64_t id, Price price = Price{100}) const {
    return {event::OrderId{id},   contract.id, Side::bid, price, Qty{100}, event::TimeInForce::good_till_time, true,
            world_.now() + 10_min};
  }
  std::size_t resting() const { return world_.exchange().account(world_.account()).resting.size(); }
  template <class T>
  std::int64_t count() const {
    return std::count_if(events.begin(), events.end(), [](const auto& e) { return std::holds_alternative<T>(e); });
  }

  vk::World& world() { return world_; }
  OrderDesk& desk() { return desk_; }
  market::Contract contract;
  std::vector<event::Payload> events;
  int requests{0};

 private:
  static Key fresh_key(const voltage::testing::TempFolder& folder) {
    auto key = Key::generate(Key::Kind::ed25519);
    EXPECT_TRUE(key && key->write(folder.path("key.pem")));
    return std::move(*key);
  }
  void sign(net::Request& r) {
    r.headers["kalshi-access-key"] = "key";
    r.headers["kalshi-access-timestamp"] = std::to_string(world_.now().ms());
    r.headers["kalshi-access-signature"] = *signer_.sign(world_.now(), r.method, r.path());
  }

  voltage::testing::TempFolder folder_;
  vk::World world_;
  Key signer_;
  vk::Gate gate_;
  vk::KalshiApi api_;
  OrderDesk desk_;
};

}  // namespace voltage::venue::kalshi

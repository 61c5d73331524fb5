#pragma once
// The rung between paper and money: every order is composed for the account as `live` composes it, written down and not
// sent; what would have become of it is the simulated exchange's word, on the live books. One line of JSON a request in
// `unsent.ndjson` beside the journal: when, method, target and body. A cancel names our own id, as the venue gave none.
// What can't be written ends the file and is told once; decisions go on, since nothing depends on it.
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include "app/run/order_edge.hpp"
#include "market/contract.hpp"

namespace voltage::app::live {

class ShadowOrders final : public OrderEdge {
 public:
  // `file` is made anew; `tell` says what goes wrong.
  ShadowOrders(venue::sim::SimExchange& exchange, std::string prefix, const std::string& file,
               std::function<void(const std::string&)> tell);

  void submit(const event::OrderTerms& terms, Time now) override;
  void cancel(event::OrderId order, Time now) override;
  void amend(const event::AmendTerms& terms, Time now) override;
  void observe(const event::Event& e) override;
  std::optional<Time> next_due() const override { return fills_.next_due(); }
  std::optional<event::Payload> step() override { return fills_.step(); }

 private:
  void write(Time now, const std::string& method, const std::string& target, const std::string& body);
  std::string name(event::OrderId order) const;

  SimOrders fills_;
  std::string prefix_, path_;
  std::ofstream file_;
  std::function<void(const std::string&)> tell_;
  std::map<event::ContractId, market::Contract> contracts_;
  std::map<event::OrderId, event::OrderTerms> orders_;  // an amend says only what changes
  bool failed_{false};
};

}  // namespace voltage::app::live

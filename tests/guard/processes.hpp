#pragma once
// Real processes and sockets for the guard's tests: a child that dies with its object, a venue, a wire between
// the two that can be cut, and a pair of eyes on the account.
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/temp_folder.hpp"
#include "venue/kalshi/sweeper.hpp"

namespace voltage::testing {

// argv[0] is the program. Its standard output comes back line by line.
class Child {
 public:
  explicit Child(const std::vector<std::string>& argv);
  ~Child();  // SIGKILL
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  std::string line();  // the next one; empty at the end
  void signal(int number) const;
  int wait();  // its exit code; −1 if a signal ended it
  void kill_and_wait();

 private:
  int pid_{-1}, out_{-1};
};

// Forwards a port on loopback to another one until it is cut; then connections die and none is taken.
class Wire {
 public:
  explicit Wire(int to_port);
  ~Wire();
  int port() const { return port_; }
  void cut();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  int port_{0};
};

// `voltage venue` with its address, directly and through a wire.
class TestVenue {
 public:
  explicit TestVenue(const std::string& options = {});
  const venue::Endpoints& endpoints() const { return endpoints_; }
  // The address file of the same venue with the wire between.
  std::string file_through(const Wire& wire) const;
  const std::string& file() const { return file_; }
  int port() const;
  TempFolder& folder() { return folder_; }

 private:
  TempFolder folder_;
  std::unique_ptr<Child> child_;
  std::string line_, file_;
  venue::Endpoints endpoints_;
};

// The account as the venue has it, asked from outside and waited for.
class Eyes {
 public:
  explicit Eyes(const TestVenue& venue);
  venue::kalshi::SweepResult orders();
  // A person's own order, and whether it is (still) there.
  bool place_foreign(const std::string& client_id, int exchange_index, const std::string& ticker);
  std::string ticker();  // of an open contract of the hourly ladder
  venue::net::Outcome ask(const std::string& method, const std::string& target, const std::string& body = {});

 private:
  venue::net::Loop loop_;
  std::unique_ptr<venue::kalshi::SignedRest> rest_;
  std::unique_ptr<venue::kalshi::Sweeper> sweeper_;
};

}  // namespace voltage::testing

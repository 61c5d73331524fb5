#include "venue/kalshi/signer.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "venue/clock.hpp"

namespace voltage::venue::kalshi {

Result<std::map<std::string, std::string>> signed_headers(const Key& key, const std::string& key_id,
                                                          std::string_view method, std::string_view path) {
  const Time now = wall_now();
  auto signature = key.sign(now, method, path);
  if (!signature) return fail(signature.error().message);
  return std::map<std::string, std::string>{{"KALSHI-ACCESS-KEY", key_id},
                                            {"KALSHI-ACCESS-TIMESTAMP", std::to_string(now.ms())},
                                            {"KALSHI-ACCESS-SIGNATURE", std::move(*signature)}};
}

struct Signer::Impl {
  struct Job {
    net::Request request;
    std::function<void(Result<net::Request>)> done;
  };

  Impl(Key k, std::string id, std::string base) : key{std::move(k)}, key_id{std::move(id)}, base_path{std::move(base)} {
    thread = std::thread{[this] { work(); }};
  }
  ~Impl() {
    {
      const std::lock_guard lock{mutex};
      stopped = true;
    }
    wake.notify_one();
    thread.join();
  }

  void work() {
    for (;;) {
      Job job;
      {
        std::unique_lock lock{mutex};
        wake.wait(lock, [this] { return stopped || !jobs.empty(); });
        if (stopped) return;
        job = std::move(jobs.front());
        jobs.pop_front();
      }
      const auto headers = signed_headers(key, key_id, job.request.method, base_path + std::string{job.request.path()});
      if (!headers) {
        job.done(fail(headers.error().message));
        continue;
      }
      for (const auto& [name, value] : *headers) job.request.headers[name] = value;
      job.done(std::move(job.request));
    }
  }

  Key key;
  std::string key_id, base_path;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Job> jobs;
  bool stopped{false};
  std::thread thread;
};

Signer::Signer(Key key, std::string key_id, std::string base_path)
    : impl_{std::make_unique<Impl>(std::move(key), std::move(key_id), std::move(base_path))} {}
Signer::~Signer() = default;

void Signer::sign(net::Request request, std::function<void(Result<net::Request>)> done) {
  {
    const std::lock_guard lock{impl_->mutex};
    impl_->jobs.push_back({std::move(request), std::move(done)});
  }
  impl_->wake.notify_one();
}

}  // namespace voltage::venue::kalshi

#include "venue/kalshi/signer.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace voltage::venue::kalshi {

struct Signer::Impl {
  struct Job {
    net::Request request;
    std::function<void(Result<net::Request>)> done;
  };

  Impl(std::shared_ptr<const Credential> c, std::string base) : credential{std::move(c)}, base_path{std::move(base)} {
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
      const auto headers = credential->headers(job.request.method, base_path + std::string{job.request.path()});
      if (!headers) {
        job.done(fail(headers.error().message));
        continue;
      }
      for (const auto& [name, value] : *headers) job.request.headers[name] = value;
      job.done(std::move(job.request));
    }
  }

  std::shared_ptr<const Credential> credential;
  std::string base_path;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Job> jobs;
  bool stopped{false};
  std::thread thread;
};

Signer::Signer(std::shared_ptr<const Credential> credential, std::string base_path)
    : impl_{std::make_unique<Impl>(std::move(credential), std::move(base_path))} {}
Signer::~Signer() = default;

void Signer::sign(net::Request request, std::function<void(Result<net::Request>)> done) {
  {
    const std::lock_guard lock{impl_->mutex};
    impl_->jobs.push_back({std::move(request), std::move(done)});
  }
  impl_->wake.notify_one();
}

}  // namespace voltage::venue::kalshi

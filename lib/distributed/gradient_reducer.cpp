#include "distributed/gradient_reducer.h"

#include "base/error.h"
#include "comm/activity.h"
#include "distributed/rank_backend.h"

#include <fmt/format.h>
#include <torch/csrc/autograd/engine.h>
#include <torch/csrc/distributed/c10d/reducer.hpp>

#include <atomic>
#include <chrono>
#include <numeric>

namespace strata {

namespace {

using Clock = std::chrono::steady_clock;
using BucketIndices = std::vector<std::vector<size_t>>;

// Written by the autograd thread, `messages` also by the thread that completes them.
struct Traffic {
  std::atomic<int64_t> messages = 0;
  std::atomic<int64_t> bytes = 0;
  Clock::time_point backward_ended;
  bool all_handed_over = false;
};

// What c10d calls for each full bucket. With a hook it leaves out its division by the number of ranks.
class SumOverRanks : public c10d::CommHookInterface {
 public:
  SumOverRanks(RankBackend backend, std::shared_ptr<Traffic> traffic)
      : backend_(std::move(backend)), traffic_(std::move(traffic)) {}

  c10::intrusive_ptr<c10::ivalue::Future> runHook(c10d::GradBucket& bucket) override {
    traffic_->bytes += static_cast<int64_t>(bucket.getBuffer().nbytes());
    if (bucket.isLast()) {
      // Runs when the graph is done, before c10d's own callback that waits for the messages.
      torch::autograd::Engine::get_default_engine().queue_callback([this] {
        traffic_->backward_ended = Clock::now();
        traffic_->all_handed_over = true;
        begin_wait_for_ranks();  // ends in backward()
        backend_.about_to_wait();
      });
    }
    std::vector<at::Tensor> buffer{bucket.getBufferRef()};
    const auto summed = backend_.c10d->allreduce(buffer, {})->getFuture();
    const auto count = [traffic = traffic_](c10::ivalue::Future& done) {
      ++traffic->messages;
      return done.value();
    };
    return summed->then(count, summed->elementType());
  }

  at::Tensor parseHookResult(const c10::IValue& result) override { return c10d::detail::parseCppCommHookResult(result); }

 private:
  RankBackend backend_;
  std::shared_ptr<Traffic> traffic_;
};

// c10d notes the order in which gradients come until its buckets are rebuilt; ours never are.
class FixedBucketReducer : public c10d::Reducer {
 public:
  FixedBucketReducer(std::vector<at::Tensor> parameters, BucketIndices buckets, const Communicator& comm,
                     const ReducerOptions& options)
      : Reducer(std::move(parameters), std::move(buckets), c10::make_intrusive<c10d::ProcessGroup>(comm.rank(), comm.size()),
                /*expect_sparse_gradients=*/{}, options.bucket_bytes, /*find_unused_parameters=*/false,
                /*gradient_as_bucket_view=*/true,
                /*param_names=*/{}, options.first_bucket_bytes, /*skip_all_reduce_unused_params=*/false,
                /*use_python_reducer=*/false,
                /*bucket_bytes_cap_list=*/{}) {
    has_rebuilt_bucket_ = true;
  }
};

// Gradients become ready roughly in reverse order of the parameters.
BucketIndices reverse_buckets(const std::vector<torch::Tensor>& parameters, const ReducerOptions& options) {
  const std::vector<at::Tensor> reversed(parameters.rbegin(), parameters.rend());
  std::vector<int64_t> numbers(parameters.size());
  std::iota(numbers.rbegin(), numbers.rend(), 0);
  const std::vector<size_t> limits{static_cast<size_t>(options.first_bucket_bytes), static_cast<size_t>(options.bucket_bytes)};
  return std::get<0>(c10d::compute_bucket_assignment_by_size(reversed, limits, {}, numbers));
}

void require_reducible(const std::vector<torch::Tensor>& parameters) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    const torch::Tensor& parameter = parameters[i];
    const bool right_type = parameter.scalar_type() == torch::kFloat32 || parameter.scalar_type() == torch::kFloat64;
    if (parameter.requires_grad() && right_type && parameter.device() == parameters.front().device()) continue;
    throw InternalError(fmt::format(
        "gradient reducer: parameter {} must take a gradient, be float or double and on the device of the others", i));
  }
}

[[noreturn]] void report_missing_gradient(const std::vector<torch::Tensor>& parameters) {
  size_t i = 0;
  while (i < parameters.size() && parameters[i].grad().defined()) ++i;
  const std::string which =
      i < parameters.size() ? fmt::format("parameter {} of {}", i, parameters.size()) : "one that had a gradient before";
  throw InternalError(fmt::format(
      "gradient reducer: a parameter got no gradient ({}), so ranks cannot add it up; the loss must depend on all", which));
}

}  // namespace

struct GradientReducer::State {
  std::vector<torch::Tensor> parameters;
  std::shared_ptr<Traffic> traffic = std::make_shared<Traffic>();
  std::unique_ptr<c10d::Reducer> reducer;  // none with one rank
  double waited_seconds = 0;
};

GradientReducer::GradientReducer(std::vector<torch::Tensor> parameters, const Communicator& comm, const ReducerOptions& options)
    : state_(std::make_unique<State>()) {
  require_reducible(parameters);
  state_->parameters = std::move(parameters);
  if (comm.size() == 1 || state_->parameters.empty()) return;
  RankBackend backend = make_rank_backend(comm, state_->parameters.front().device());
  state_->reducer =
      std::make_unique<FixedBucketReducer>(state_->parameters, reverse_buckets(state_->parameters, options), comm, options);
  state_->reducer->register_comm_hook(std::make_unique<SumOverRanks>(std::move(backend), state_->traffic));
}

GradientReducer::~GradientReducer() = default;

void GradientReducer::backward(const torch::Tensor& loss_share) {
  if (!state_->reducer) return loss_share.backward();
  Traffic& traffic = *state_->traffic;
  traffic.all_handed_over = false;
  state_->reducer->prepare_for_forward();
  state_->reducer->prepare_for_backward({});
  loss_share.backward();
  end_wait_for_ranks();
  if (!traffic.all_handed_over) report_missing_gradient(state_->parameters);
  state_->waited_seconds += std::chrono::duration<double>(Clock::now() - traffic.backward_ended).count();
}

void GradientReducer::accumulate(const torch::Tensor& loss_share) { loss_share.backward(); }

GradientReducer::Counters GradientReducer::counters() const {
  return {state_->traffic->messages, state_->traffic->bytes, state_->waited_seconds};
}

}  // namespace strata

#include "node/cli/wait.h"

#include <optional>
#include <thread>

namespace tally::node::cli {
namespace {

constexpr std::chrono::milliseconds kWaitPoll{200};

// From where the node was up to where the channel was when this was first seen; another one when that has moved on.
class Way {
  public:
    void at(std::uint64_t height, std::uint64_t highest) {
        if (height >= highest) return bar_.reset();
        if (!bar_ || height >= until_) {
            from_ = height;
            until_ = highest;
            bar_ = std::make_unique<Progress>("blocks", until_ - from_);
        }
        bar_->at(height - std::min(from_, height));
    }

  private:
    std::uint64_t from_ = 0;
    std::uint64_t until_ = 0;
    std::unique_ptr<Progress> bar_;
};

std::string text(const boost::json::object& node, const char* name) { return std::string(node.at(name).as_string()); }

}  // namespace

Result<boost::json::object> await_ready(const Connect& connect, std::chrono::seconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    std::optional<MemberClient> member;
    std::string why;
    std::string told;
    Way way;
    for (;;) {
        if (!member) member.emplace(TRY(connect()));
        auto answer = member->get("/v1/node");
        if (answer) {
            auto& node = answer->as_object();
            if (node.at("ready").as_bool()) return std::move(node);
            why = text(node, "why_not");
            if (node.at("left_behind").as_bool()) return fail(Code::unavailable, "{}: {}", text(node, "node"), why);
            way.at(node.at("height").to_number<std::uint64_t>(), node.at("highest").to_number<std::uint64_t>());
        } else {
            if (answer.error().code == Code::certificate_untrusted) return std::unexpected(answer.error());
            why = answer.error().message;
            member.reset();
        }
        if (why != told) say(fmt::format("  waiting: {}", told = why));
        if (std::chrono::steady_clock::now() > end)
            return fail(Code::timeout, "the node is not ready after {} s: {}", patience.count(), why);
        std::this_thread::sleep_for(kWaitPoll);
    }
}

Status wait_for_node(const WaitOptions& options) {
    const auto connect = [&] { return MemberClient::open(options.profile, options.url, std::chrono::seconds(5)); };
    const auto node = TRY(await_ready(connect, std::chrono::seconds(options.seconds)));
    if (style().json)
        print_json(node);
    else
        say_done(
            fmt::format("{} is ready at block {}", text(node, "node"), node.at("height").to_number<std::uint64_t>()));
    return {};
}

}  // namespace tally::node::cli

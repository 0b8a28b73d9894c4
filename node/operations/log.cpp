#include "node/operations/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "crypto/printable.h"

namespace tally::node {
namespace {

// A pattern whose text is printable.
class OneLine : public spdlog::formatter {
  public:
    explicit OneLine(std::unique_ptr<spdlog::formatter> pattern) : pattern_(std::move(pattern)) {}
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        const auto text = printable({message.payload.data(), message.payload.size()});
        auto safe = message;
        safe.payload = text;
        pattern_->format(safe, out);
        message.color_range_start = safe.color_range_start;
        message.color_range_end = safe.color_range_end;
    }
    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<OneLine>(pattern_->clone());
    }

  private:
    std::unique_ptr<spdlog::formatter> pattern_;
};

}  // namespace

void set_up_log(const std::string& node, const std::string& level) {
    auto logger = spdlog::stderr_color_mt("tally");
    auto pattern = std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ level=%l node=" + node + " %v",
                                                               spdlog::pattern_time_type::utc);
    logger->set_formatter(std::make_unique<OneLine>(std::move(pattern)));
    logger->set_level(spdlog::level::from_str(level));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

}  // namespace tally::node

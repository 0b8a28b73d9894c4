#include "gateway/mqtt/topics.h"

#include <fmt/format.h>

namespace tally::gateway::mqtt {
namespace {

constexpr std::string_view kTopicPrefix = "tally/v1/";

constexpr std::string_view name_of(TopicKind kind) {
    switch (kind) {
        case TopicKind::record: return "record";
        case TopicKind::telemetry: return "telemetry";
        case TopicKind::registration: return "register";
        case TopicKind::reply: return "reply";
    }
    return {};
}

}  // namespace

std::string device_topic(std::string_view channel, std::string_view device, TopicKind kind) {
    return fmt::format("{}{}/{}/{}", kTopicPrefix, channel, device, name_of(kind));
}

std::optional<DeviceTopic> parse_device_topic(std::string_view topic, std::string_view channel) {
    if (!topic.starts_with(kTopicPrefix)) return std::nullopt;
    topic.remove_prefix(kTopicPrefix.size());
    if (!topic.starts_with(channel) || topic.size() <= channel.size() || topic[channel.size()] != '/')
        return std::nullopt;
    topic.remove_prefix(channel.size() + 1);
    const auto end = topic.find('/');
    if (end == 0 || end == std::string_view::npos) return std::nullopt;
    const auto kind = topic.substr(end + 1);
    for (const auto each : {TopicKind::record, TopicKind::telemetry, TopicKind::registration, TopicKind::reply}) {
        if (kind == name_of(each)) return DeviceTopic{topic.substr(0, end), each};
    }
    return std::nullopt;
}

}  // namespace tally::gateway::mqtt

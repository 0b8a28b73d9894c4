#include "node/network/left_out.h"

#include <algorithm>
#include <ranges>

namespace tally::node {
namespace {

constexpr std::size_t kAskedBytes = 1U << 20;         // of one node's parts
constexpr std::size_t kHeardBytes = 2 * kAskedBytes;  // of one node's questions, as they came
constexpr std::size_t kOfEach = 256;                  // what else each one counts as, so that small ones are few, too

// Proposals of one client begin alike, and end with their signatures.
bool equal_from_the_end(ByteView a, ByteView b) {
    return std::ranges::equal(a | std::views::reverse, b | std::views::reverse);
}

}  // namespace

void AskedParts::asked(const std::string& node, std::uint64_t question, std::uint32_t from, ByteView part) {
    const std::lock_guard lock(mutex_);
    auto& [parts, bytes] = nodes_[node];
    parts.push_back({question, from, Bytes(part.begin(), part.end())});
    bytes += part.size() + kOfEach;
    for (; bytes > kAskedBytes; parts.pop_front()) bytes -= parts.front().bytes.size() + kOfEach;
}

void AskedParts::answered(const std::string& node, std::uint64_t question) {
    const std::lock_guard lock(mutex_);
    const auto of_node = nodes_.find(node);
    if (of_node == nodes_.end()) return;
    auto& parts = of_node->second.parts;
    const auto found = std::ranges::find(parts, question, &Part::question);
    if (found != parts.end()) found->answered = true;
}

std::vector<LeftOut> AskedParts::take(const std::string& node, ByteView body, std::span<const ByteView> parts) {
    std::vector<LeftOut> taken;
    const std::lock_guard lock(mutex_);
    const auto of_node = nodes_.find(node);
    if (of_node == nodes_.end()) return taken;
    auto& [asked, bytes] = of_node->second;
    for (const auto& part : parts) {
        const auto found = std::ranges::find_if(
            asked, [&](const Part& each) { return each.answered && equal_from_the_end(each.bytes, part); });
        if (found == asked.end()) continue;
        taken.push_back({static_cast<std::uint32_t>(part.data() - body.data()), found->question, found->from,
                         static_cast<std::uint32_t>(part.size())});
        bytes -= part.size() + kOfEach;
        asked.erase(found);
        if (taken.size() == kMostLeftOut) break;
    }
    return taken;
}

std::shared_ptr<const FrameBody> HeardQuestions::Node::take(std::list<Question>::iterator question) {
    auto body = std::move(question->body);
    bytes -= body->size() + kOfEach;
    by_number.erase(question->number);
    questions.erase(question);
    return body;
}

void HeardQuestions::heard(const std::string& node, const Frame& question) {
    if (question.body.size() + kOfEach > kHeardBytes) return;
    auto& of = nodes_[node];
    if (const auto earlier = of.by_number.find(question.correlation); earlier != of.by_number.end())
        of.take(earlier->second);
    of.questions.push_back({question.correlation, std::make_shared<const FrameBody>(question)});
    of.by_number.emplace(question.correlation, std::prev(of.questions.end()));
    of.bytes += question.body.size() + kOfEach;
    while (of.bytes > kHeardBytes) of.take(of.questions.begin());
}

std::optional<FrameBody> HeardQuestions::complete(const std::string& node, const Frame& frame) {
    FrameBody body(frame);
    if (frame.left_out.empty()) return body;
    auto& of = nodes_[node];
    for (const auto& part : frame.left_out) {
        const auto found = of.by_number.find(part.question);
        if (found == of.by_number.end()) return std::nullopt;
        body.put_back(part, of.take(found->second));
    }
    return body;
}

}  // namespace tally::node

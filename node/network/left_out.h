#pragma once
// What a node need not send twice: the signed proposals that it asked another node to endorse come again in its
// batches. A batch to that node leaves them out and says in which question they are (frame.h, LeftOut).
//
// Both sides remember the last questions only, the asked node twice as many bytes as the asker, so it has what the
// asker names. A part is left out once: a batch that the other could not complete, because it was started anew, is
// whole when it is sent again.

#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "node/network/frame.h"

namespace tally::node {

// The asker's side. Threads: any.
class AskedParts {
  public:
    // The part of a question's body that will come again, at `from`.
    void asked(const std::string& node, std::uint64_t question, std::uint32_t from, ByteView part);
    // So the node has the question.
    void answered(const std::string& node, std::uint64_t question);
    // Of these parts of `body`, in its order, those that the node has. They are forgotten.
    [[nodiscard]] std::vector<LeftOut> take(const std::string& node, ByteView body, std::span<const ByteView> parts);

  private:
    struct Part {
        std::uint64_t question = 0;
        std::uint32_t from = 0;
        Bytes bytes;
        bool answered = false;
    };
    struct Node {
        std::deque<Part> parts;  // in the order of the questions
        std::size_t bytes = 0;
    };
    std::mutex mutex_;
    std::map<std::string, Node> nodes_;
};

// The asked node's side. Threads: one.
class HeardQuestions {
  public:
    void heard(const std::string& node, const Frame& question);
    // The body of a frame of this node with its parts put back; each question serves once. None: a question is gone.
    [[nodiscard]] std::optional<FrameBody> complete(const std::string& node, const Frame& frame);

  private:
    struct Question {
        std::uint64_t number = 0;
        std::shared_ptr<const FrameBody> body;
    };
    struct Node {
        std::list<Question> questions;  // in the order in which they came
        std::unordered_map<std::uint64_t, std::list<Question>::iterator> by_number;
        std::size_t bytes = 0;

        std::shared_ptr<const FrameBody> take(std::list<Question>::iterator question);
    };
    std::map<std::string, Node> nodes_;
};

}  // namespace tally::node

// What comes in from another node. Whatever is read is written again with the same meaning; what is packed is opened,
// or malformed.

#include "node/network/frame.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::node;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto frame = read_frame({data, size});
    if (!frame) {
        TALLY_FUZZ_EXPECT(frame.error().code == Code::malformed);
        return 0;
    }
    if (!frame->left_out.empty()) {  // each part from a question that consists of the input
        FrameBody body(*frame);
        const auto question = std::make_shared<const FrameBody>(Bytes(data, data + size));
        for (const auto& part : frame->left_out) body.put_back(part, question);
        const auto opened = std::move(body).open();
        TALLY_FUZZ_EXPECT(opened ? opened->size() <= kMaxBodyBytes + frame->body.size() * kMostFold
                                 : opened.error().code == Code::malformed);
        return 0;
    }
    if (frame->packed) {
        const auto opened = FrameBody(*frame).open();
        TALLY_FUZZ_EXPECT(opened ? opened->size() / kMostFold <= frame->body.size()
                                 : opened.error().code == Code::malformed);
        return 0;
    }
    const auto again = make_frame(frame->kind, frame->correlation, frame->channel, frame->body);
    const auto read = read_frame(*again);
    TALLY_FUZZ_EXPECT(read && read->kind == frame->kind && read->correlation == frame->correlation &&
                      read->channel == frame->channel);
    const auto body = FrameBody(*read).open();
    TALLY_FUZZ_EXPECT(body && std::ranges::equal(*body, frame->body));
    TALLY_FUZZ_EXPECT(again->size() <= size);
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    std::string large;
    for (int i = 0; large.size() < 5000; ++i) large += std::to_string(i * 7919);
    const auto packed = make_frame(FrameKind::endorse, 77, "main", as_bytes(large));
    add(packed->data(), packed->size());
    const auto short_of =
        make_frame(FrameKind::consensus, 0, "main", as_bytes(large), std::vector<LeftOut>{{3, 1, 2, 40}});
    add(short_of->data(), short_of->size());
    for (const auto kind : {FrameKind::consensus, FrameKind::endorsed, FrameKind::hello}) {
        const auto frame = make_frame(kind, 77, kind == FrameKind::hello ? "" : "main", as_bytes("body"));
        add(frame->data(), frame->size());
    }
}

// A contract for tests of the sandbox: functions that work, and one for each thing that a contract must not do.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "chaincode/contracts/document.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/host/serve.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode {
namespace {

inline constexpr Refusal kTaken{{"name_taken", Kind::conflict}, "The name is taken.", "Choose another one."};

struct Note {
    std::string name;
    std::string text;
};
TALLY_FIELDS(Note, (name, "the note's name", .form = &kIdentifier), (text, "what it says", .max = 1000))

struct ByName {
    std::string name;
};
TALLY_FIELDS(ByName, (name, "the note's name", .form = &kIdentifier))

struct List : PageArguments {};
BOOST_DESCRIBE_STRUCT(List, (PageArguments), ())

struct Notes {
    std::vector<Note> notes;
    std::optional<std::string> next;
};
TALLY_FIELDS(Notes, (notes, "in the order of their names"), (next, "the next page's cursor"))

struct Facts {
    std::string organization, channel, transaction;
    std::int64_t time_ms = 0;
    std::int64_t attachments = 0;
    bool query = false;
};
BOOST_DESCRIBE_STRUCT(Facts, (), (organization, channel, transaction, time_ms, attachments, query))

struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

enum class Deed {
    crash,
    loop,
    grow,
    open_file,
    make_socket,
    fork_child,
    make_thread,
    kill_parent,
    read_clock,
    exec_again,
    use_other_descriptor,
    leave,
    deep_recursion
};
BOOST_DESCRIBE_ENUM(Deed, crash, loop, grow, open_file, make_socket, fork_child, make_thread, kill_parent, read_clock,
                    exec_again, use_other_descriptor, leave, deep_recursion)

struct Misbehave {
    Deed deed = Deed::crash;
};
TALLY_FIELDS(Misbehave, (deed, "what to do"))

struct Elsewhere {
    std::string contract;
    std::string function;
    json::value arguments;
};
TALLY_FIELDS(Elsewhere, (contract, "the contract"), (function, "its function"), (arguments, "its arguments"))

Result<Note> put(Stub& stub, const Note& in) {
    const auto key = composite_key({"note", in.name});
    if (TRY(stub.get(key))) return fail(kTaken, "the note \"{}\" is there", in.name);
    TRY(put_document(stub, key, in));
    TRY(stub.increment("count", 1));
    emit(stub, "noted", in);
    return in;
}

Result<std::optional<Note>> get(Stub& stub, const ByName& in) {
    return get_document<Note>(stub, composite_key({"note", in.name}), "a note");
}

Result<Notes> list(Stub& stub, const List& in) {
    Notes page;
    page.next = TRY(Pager({"note"}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        page.notes.push_back(TRY(read_document<Note>(entry.value, "a note")));
        return true;
    }));
    return page;
}

Result<Facts> facts(Stub& stub, const Nothing&) {
    return Facts{stub.caller().organization,
                 stub.channel(),
                 stub.transaction_id().hex(),
                 stub.time_ms(),
                 static_cast<std::int64_t>(stub.attachments().size()),
                 stub.is_query()};
}

Result<json::value> elsewhere(Stub& stub, const Elsewhere& in) {
    return stub.call(in.contract, in.function, in.arguments);
}

int recurse(volatile int depth) {
    volatile char room[4096];
    room[0] = static_cast<char>(depth);
    return recurse(depth + 1) + room[0];
}

Result<Nothing> misbehave(Stub&, const Misbehave& in) {
    switch (in.deed) {
        case Deed::crash: *static_cast<volatile int*>(nullptr) = 1; break;
        case Deed::loop:
            for (volatile bool on = true; on;) {
            }
            break;
        case Deed::grow:
            while (true) {
                auto* more = new char[1 << 20];
                for (int i = 0; i < 1 << 20; i += 4096) more[i] = 1;
            }
        case Deed::open_file: (void)!::open("/etc/passwd", O_RDONLY); break;
        case Deed::make_socket: (void)!::socket(AF_INET, SOCK_STREAM, 0); break;
        case Deed::fork_child: (void)!::fork(); break;
        case Deed::make_thread: std::thread([] {}).join(); break;
        case Deed::kill_parent: ::kill(::getppid(), SIGKILL); break;
        case Deed::read_clock: {
#if defined(__x86_64__)
            (void)__builtin_ia32_rdtsc();  // what the C library's clocks read
#endif
            return Nothing{};
        }
        case Deed::exec_again: ::execl("/bin/true", "true", nullptr); break;
        case Deed::use_other_descriptor: {
            char byte = 0;
            (void)!::read(4, &byte, 1);
            break;
        }
        case Deed::leave: ::_exit(0);
        case Deed::deep_recursion: return recurse(0) > 0 ? Nothing{} : Nothing{};
    }
    return Nothing{};
}

Contract contract() {
    Contract contract("mischief", 1, "Notes, and everything that a contract must not do");
    contract
        .add(&put, {.name = "put",
                    .summary = "Writes a note",
                    .writes = true,
                    .attachments = {{"a picture", true}},
                    .refusals = {kTaken}})
        .add(&get, {.name = "get", .summary = "One note, or null", .routes = {"/v1/mischief/notes/{name}"}})
        .add(&list, {.name = "list", .summary = "Notes", .routes = {"/v1/mischief/notes"}})
        .add(&facts, {.name = "facts", .summary = "What the node says of the call"})
        .add(&elsewhere, {.name = "elsewhere", .summary = "Calls another contract", .writes = true})
        .add(&misbehave, {.name = "misbehave", .summary = "Does what it must not"})
        .event<Note>("noted", "A note was written");
    return contract;
}

}  // namespace
}  // namespace tally::chaincode

int main(int argc, char** argv) { return tally::chaincode::host::serve(tally::chaincode::contract(), argc, argv); }

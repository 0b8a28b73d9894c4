#include "storage/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "storage/directory_lock.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::storage {
namespace {

TEST(Files, AFileIsReplacedWholeWithItsMode) {
    const TemporaryDirectory root;
    const auto file = root.path() / "key.pem";
    ASSERT_TRUE(write_file(file, as_bytes("first"), 0600).has_value());
    struct stat info{};
    ASSERT_EQ(::stat(file.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    ASSERT_TRUE(write_file(file, as_bytes("second, longer"), 0644).has_value());
    EXPECT_EQ(read_file(file), "second, longer");
    ASSERT_TRUE(write_file(file, {}).has_value());
    EXPECT_EQ(read_file(file), "");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root.path()), {}), 1) << "nothing is left beside it";
}

unsigned mode_of(const std::filesystem::path& path) {
    struct stat info{};
    EXPECT_EQ(::stat(path.c_str(), &info), 0);
    return info.st_mode & 0777U;
}

TEST(Files, ANewFileIsItsOwnersUnlessAnotherModeIsGiven) {
    const TemporaryDirectory root;
    const auto old = ::umask(0);
    ASSERT_TRUE(write_file(root.path() / "file", as_bytes("x")).has_value());
    EXPECT_EQ(mode_of(root.path() / "file"), 0600U);
    std::filesystem::create_directory(root.path() / "folder");
    EXPECT_EQ(mode_of(root.path() / "folder"), 0777U);
    {
        const auto lock = DirectoryLock::take(root.path() / "folder");
        ASSERT_TRUE(lock.has_value());
    }
    EXPECT_EQ(mode_of(root.path() / "folder"), 0700U) << "whoever locks a folder keeps data in it";
    ::umask(old);
}

// Who may write into a folder could lead the program elsewhere with a link at the name that it will use next.
TEST(Files, WhatLiesAtTheNameOfTheUnfinishedFileIsNotWrittenInto) {
    const TemporaryDirectory root;
    const auto file = root.path() / "file", trap = root.path() / "file.new", victim = root.path() / "victim";
    for (const bool hard : {false, true}) {
        put_into(victim, as_bytes("precious"));
        hard ? std::filesystem::create_hard_link(victim, trap) : std::filesystem::create_symlink(victim, trap);
        ASSERT_TRUE(write_file(file, as_bytes("new")).has_value());
        EXPECT_EQ(read_file(file), "new");
        EXPECT_FALSE(std::filesystem::is_symlink(file));
        EXPECT_EQ(read_file(victim), "precious");
        EXPECT_FALSE(std::filesystem::exists(trap));
    }
    ASSERT_EQ(::mkfifo(trap.c_str(), 0600), 0);
    ASSERT_TRUE(write_file(file, as_bytes("again")).has_value());
    EXPECT_EQ(read_file(file), "again");
    std::filesystem::create_directory(trap);
    EXPECT_FALSE(write_file(file, as_bytes("x")).has_value());
    EXPECT_EQ(read_file(file), "again");
}

TEST(Files, AFileThatIsNotFinishedLeavesNothing) {
    const TemporaryDirectory root;
    {
        auto file = NewFile::create(root.path() / "file");
        ASSERT_TRUE(file.has_value());
        ASSERT_TRUE(file->append(as_bytes("half")).has_value());
    }
    EXPECT_TRUE(std::filesystem::is_empty(root.path()));
}

TEST(Files, APipeIsRefusedAndNotWaitedFor) {
    const TemporaryDirectory root;
    const auto pipe = root.path() / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(code_of(read_file(pipe)), Code::invalid_argument);
    EXPECT_NE(message_of(read_file(pipe)).find("not a regular file"), std::string::npos);
    EXPECT_EQ(code_of(read_file("/dev/zero")), Code::invalid_argument);
}

TEST(Files, FailuresNameThePath) {
    const TemporaryDirectory root;
    const auto missing = read_file(root.path() / "missing");
    EXPECT_EQ(code_of(missing), Code::not_found);
    EXPECT_NE(message_of(missing).find("missing"), std::string::npos);
    EXPECT_EQ(code_of(read_file(root.path())), Code::invalid_argument) << "a directory is no file";
    EXPECT_EQ(code_of(write_file(root.path() / "no such folder" / "file", as_bytes("x"))), Code::not_found);
    put_into(root.path() / "large", Bytes(11));
    EXPECT_EQ(code_of(read_file(root.path() / "large", 10)), Code::too_large);
    EXPECT_TRUE(read_file(root.path() / "large", 11).has_value());
}

TEST(Files, AMappedFileIsReadableUntilItGoes) {
    const TemporaryDirectory root;
    put_into(root.path() / "file", as_bytes("mapped"));
    auto file = MappedFile::open(root.path() / "file");
    ASSERT_TRUE(file.has_value());
    const MappedFile moved(std::move(*file));
    std::filesystem::remove(root.path() / "file");
    EXPECT_EQ(as_text(moved.bytes()), "mapped");
    put_into(root.path() / "empty", {});
    EXPECT_TRUE(MappedFile::open(root.path() / "empty")->bytes().empty());
}

// Runs `attempt` in another process; true when it returned true.
bool in_another_process(const std::function<bool()>& attempt) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(attempt() ? 0 : 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(DirectoryLock, RefusesEverybodyElseAndNamesTheDirectory) {
    const TemporaryDirectory root;
    const auto lock = DirectoryLock::take(root.path() / "data");
    ASSERT_TRUE(lock.has_value());
    const auto second = DirectoryLock::take(root.path() / "data");
    EXPECT_EQ(code_of(second), Code::locked);
    EXPECT_NE(message_of(second).find((root.path() / "data").string()), std::string::npos);
    EXPECT_TRUE(in_another_process([&] {
        const auto other = DirectoryLock::take(root.path() / "data");
        return !other && other.error().code == Code::locked;
    }));
}

TEST(DirectoryLock, EndsWithItsOwner) {
    const TemporaryDirectory root;
    EXPECT_TRUE(in_another_process([&] { return DirectoryLock::take(root.path()).has_value(); }));
    auto lock = DirectoryLock::take(root.path());
    ASSERT_TRUE(lock.has_value()) << "the process that held it is gone";
    {
        const DirectoryLock moved(std::move(*lock));
        EXPECT_EQ(code_of(DirectoryLock::take(root.path())), Code::locked);
    }
    EXPECT_TRUE(DirectoryLock::take(root.path()).has_value());
}

TEST(DirectoryLock, WhereNothingCanBeWrittenIsAnError) {
    const TemporaryDirectory root;
    put_into(root.path() / "file", as_bytes("x"));
    EXPECT_EQ(code_of(DirectoryLock::take(root.path() / "file")), Code::io_error);
}

}  // namespace
}  // namespace tally::storage

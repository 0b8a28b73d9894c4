#include "gateway/console/files.h"

#include <gtest/gtest.h>

namespace tally::gateway {
namespace {

std::string header_of(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return {};
}

TEST(ConsoleFiles, EveryFileIsServedWithAPolicyAndAType) {
    EXPECT_GT(console_files().size(), 15U);
    for (const auto& file : console_files()) {
        const auto response = console_file(file.name);
        ASSERT_TRUE(response) << file.name;
        EXPECT_EQ(response->body, file.text);
        EXPECT_NE(response->content_type.find("charset=utf-8"), std::string::npos);
        const auto policy = header_of(*response, "Content-Security-Policy");
        EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self'")) << policy;
        EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    }
}

TEST(ConsoleFiles, PagesHaveNoInlineScriptOrStyle) {
    const auto page = console_file("index.html");
    ASSERT_TRUE(page);
    EXPECT_NE(page->body.find("<script type=\"module\" src=\"main.js\"></script>"), std::string::npos);
    for (const auto& file : console_files()) {
        for (const std::string_view unsafe :
             {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("}) {
            EXPECT_EQ(file.text.find(unsafe), std::string_view::npos) << file.name << ": " << unsafe;
        }
    }
}

TEST(ConsoleFiles, OtherNamesAreNotFound) {
    for (const std::string_view name : {"", "none.js", "../files.h", "tsconfig.json"}) {
        const auto response = console_file(name);
        ASSERT_FALSE(response) << name;
        EXPECT_EQ(response.error().code, Code::not_found);
    }
}

}  // namespace
}  // namespace tally::gateway

# What a contract's program is made of, from Tally's sources: find_package(Tally) gives the library tally_contract, and
# tally_contract_test, which has GoogleTest too.
# A program is linked statically, for it has no files when it runs (sandbox.h).
#
#   find_package(Tally REQUIRED)
#   add_executable(meter_swap main.cpp meter_swap.cpp)
#   target_link_libraries(meter_swap PRIVATE tally_contract)

if(NOT TARGET tally_contract)
    get_filename_component(tally_root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
    file(GLOB tally_contract_sources CONFIGURE_DEPENDS ${tally_root}/crypto/*.cpp ${tally_root}/storage/model/*.cpp
        ${tally_root}/chaincode/json/*.cpp)
    foreach(source contract decimal manifest keys contracts/paging records/identifier records/decimal host/serve host/frames
            host/memory_stub)
        list(APPEND tally_contract_sources ${tally_root}/chaincode/${source}.cpp)
    endforeach()
    add_library(tally_contract STATIC EXCLUDE_FROM_ALL ${tally_contract_sources})
    set_target_properties(tally_contract PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 20)
    set_source_files_properties(${tally_root}/crypto/token_key.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    target_compile_options(tally_contract PRIVATE -Wno-subobject-linkage)  # it takes the sources for headers
    target_compile_features(tally_contract PUBLIC cxx_std_23)
    target_include_directories(tally_contract PUBLIC ${tally_root})
    target_compile_definitions(tally_contract PUBLIC FMT_HEADER_ONLY=1)
    foreach(tally_library boost_json boost_container cryptopp crypto)
        find_library(TALLY_STATIC_${tally_library} lib${tally_library}.a REQUIRED)
        target_link_libraries(tally_contract PUBLIC ${TALLY_STATIC_${tally_library}})
    endforeach()
    # What Debian 13's libcrypto needs for compressed certificates.
    foreach(tally_library zstd z)
        find_library(TALLY_STATIC_${tally_library} lib${tally_library}.a)
        if(TALLY_STATIC_${tally_library})
            target_link_libraries(tally_contract PUBLIC ${TALLY_STATIC_${tally_library}})
        endif()
    endforeach()
    target_link_options(tally_contract PUBLIC -static)

    # For unit tests of a contract.
    find_library(TALLY_STATIC_gtest libgtest.a)
    find_library(TALLY_STATIC_gtest_main libgtest_main.a)
    add_library(tally_contract_test INTERFACE)
    target_link_libraries(tally_contract_test INTERFACE tally_contract ${TALLY_STATIC_gtest_main} ${TALLY_STATIC_gtest})
endif()

#!/bin/sh
# Gets Java for the tests that score on Spark: whichever is there, else Debian's.
# Never fails: without Java those tests skip, and this says so.
if command -v java >/dev/null 2>&1 || [ -x "${JAVA_HOME:-/nowhere}/bin/java" ]; then
	exit 0
fi
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	apt-get update -qq >/dev/null 2>&1
	for version in 17 21; do
		if DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "openjdk-$version-jre-headless" >/dev/null 2>&1; then
			echo "java: installed Debian's openjdk-$version-jre-headless"
			exit 0
		fi
	done
fi
echo "java: none could be had, so the tests that score on Spark will be skipped"
exit 0

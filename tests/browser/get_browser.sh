#!/bin/sh
# Gets a browser for the tests that open the page in one: whichever is there, else Debian's chromium, else Playwright's own.
# Never fails: without a browser those tests skip, and this says so.
for name in chromium chromium-browser google-chrome; do
	if command -v "$name" >/dev/null 2>&1; then
		exit 0
	fi
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	if apt-get update -qq >/dev/null 2>&1 &&
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-wqy-microhei >/dev/null 2>&1; then
		echo "browser: installed Debian's chromium"
		exit 0
	fi
fi
if "$1/playwright" install chromium >/dev/null 2>&1; then
	echo "browser: installed Playwright's chromium"
	exit 0
fi
echo "browser: none could be had, so the tests that open the page in a real browser will be skipped"
exit 0

"""Plan document, memo and appendix: HTML, PDF and Markdown from one record (`rct.report.record`)."""

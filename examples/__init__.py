"""Problems to try: texts and tables, which the page's gallery offers too."""

"""Keep the work honest: tasks whose verdict is known, exams, signals of carelessness, second looks."""
